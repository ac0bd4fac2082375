"""Columns of the pattern rule."""

from functools import lru_cache

from generator_svc.core.faults import ImpossibleRule
from generator_svc.core.kernels.kernel import Kernel
from generator_svc.core.kernels.pattern_language import DistinctPatternKernel, Language
from generator_svc.core.kernels.pattern_syntax import read_pattern
from generator_svc.core.kernels.pattern_text import PatternKernel
from generator_svc.core.rules import PatternRule
from generator_svc.core.spec import TypeKind
from generator_svc.core.task import ColumnTask


def pattern_kernel(task: ColumnTask, rule: PatternRule) -> Kernel:
    """Kernel of a pattern column: drawn part by part, or numbered where values have to be distinct."""
    if task.column.type.kind is not TypeKind.STRING:
        raise ImpossibleRule(
            f"the pattern rule does not yield {task.column.type.kind.value}",
            hint="make the column a VARCHAR, or choose a rule of its type",
            metadata={"rule": "pattern"},
        )
    if not task.distinct:
        return PatternKernel(read_pattern(rule.expression), task.key, task.column.type.length)
    language = _language(rule.expression, task.column.type.length)
    task.require(language.size, "the pattern")
    return DistinctPatternKernel(language, task.key)


def pattern_size(rule: PatternRule, length: int) -> int:
    """Count the texts of a pattern that fit `length` characters (0: any)."""
    return _language(rule.expression, length).size


@lru_cache(maxsize=32)
def _language(expression: str, length: int) -> Language:
    return Language(read_pattern(expression), length)
