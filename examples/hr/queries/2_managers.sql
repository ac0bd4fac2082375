SELECT d.title, e.first_name, e.last_name, own.title AS works_in
FROM departments d
LEFT JOIN employees e ON e.employee_id = d.manager_id
LEFT JOIN departments own ON own.department_id = e.department_id
ORDER BY d.title;
