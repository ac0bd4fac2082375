"""Rewrite every golden file: `make golden`. Review the diff before it is committed."""

from tests.golden import (
    cell_goldens,
    change_goldens,
    ddl_goldens,
    document_schema_goldens,
    faker_docs,
    inference_docs,
    made_text_goldens,
    redshift_goldens,
    text_goldens,
    translate_goldens,
)

if __name__ == "__main__":
    modules = (
        cell_goldens,
        change_goldens,
        ddl_goldens,
        document_schema_goldens,
        faker_docs,
        inference_docs,
        made_text_goldens,
        redshift_goldens,
        text_goldens,
        translate_goldens,
    )
    for goldens in modules:
        goldens.rewrite()
