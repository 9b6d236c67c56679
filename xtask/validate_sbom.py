#!/usr/bin/env python3
"""Checks bills of materials with the formats' own validators.

    validate_sbom.py [--counts] FILE...

SPDX (JSON, tag-value, RDF, XML) is checked by spdx-tools, CycloneDX JSON by the strict schema of the version it
names, from cyclonedx-python-lib. `--counts` adds what ntia-conformance-checker says of SPDX files; its counts
inform, they do not fail. Prints one line a file; the exit code is 1 if any file is invalid, 2 if a validator is
not installed:

    pip install spdx-tools 'cyclonedx-python-lib[json-validation]' ntia-conformance-checker
"""

import argparse
import json
import sys
from pathlib import Path


def check_cyclonedx(text, version):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    schema = SchemaVersion.from_version(version)
    error = JsonStrictValidator(schema).validate_str(text)
    return [] if error is None else [str(error.data)[:2000]]


def check_spdx(path):
    from spdx_tools.spdx.parser.error import SPDXParsingError
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    try:
        document = parse_file(str(path))
    except SPDXParsingError as error:
        return [str(message) for message in error.get_messages()]
    return [message.validation_message for message in validate_full_spdx_document(document)]


def count_spdx(path):
    """Components that lack what NTIA and CISA's framing ask for; the checker's own words."""
    import ntia_conformance_checker as checker

    for standard in ("ntia", "fsct3-min"):
        sbom = checker.SbomChecker(str(path), validate=False, compliance=standard)
        missing = {
            word: len(getattr(sbom, field, []))
            for word, field in {
                "names": "components_without_names",
                "versions": "components_without_versions",
                "identifiers": "components_without_identifiers",
                "suppliers": "components_without_suppliers",
                "concluded licences": "components_without_concluded_licenses",
                "copyright texts": "components_without_copyright_texts",
            }.items()
            if standard != "ntia" or word not in ("concluded licences", "copyright texts")
        }
        total = sbom.get_total_number_components()
        words = ", ".join(f"{count} without {word}" for word, count in missing.items() if count) or "nothing missing"
        print(f"  {standard}: {'conformant' if sbom.compliant else 'not conformant'}; {total} components: {words}")


def check(path, counts):
    text = path.read_text(encoding="utf-8")
    document = json.loads(text) if text.lstrip().startswith("{") else {}
    if document.get("bomFormat") == "CycloneDX":
        kind, errors = f"CycloneDX {document['specVersion']} strict", check_cyclonedx(text, document["specVersion"])
    else:
        kind, errors = document.get("spdxVersion", "SPDX"), check_spdx(path)
    print(f"{path}: {kind}: {'INVALID' if errors else 'valid'}")
    for error in errors[:20]:
        print(f"  {error}")
    if counts and not errors and kind.startswith("SPDX"):
        count_spdx(path)
    return not errors


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", action="store_true", help="add the conformance counts of SPDX files")
    parser.add_argument("files", nargs="+", type=Path)
    arguments = parser.parse_args()
    try:
        # A list, not a generator: every file is reported, also after an invalid one.
        valid = all([check(path, arguments.counts) for path in arguments.files])
    except ImportError as error:
        sys.exit(print(f"not installed: {error.name}; see --help", file=sys.stderr) or 2)
    sys.exit(0 if valid else 1)


if __name__ == "__main__":
    main()
