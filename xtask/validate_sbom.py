#!/usr/bin/env python3
"""Checks bills of materials with the formats' own validators.

    validate_sbom.py [--counts | --elements] FILE...

SPDX (JSON, tag-value, RDF, XML) is checked by spdx-tools, CycloneDX JSON by the strict schema of the version it
names, from cyclonedx-python-lib. `--counts` adds what ntia-conformance-checker says of SPDX files; its counts
inform, they do not fail. Prints one line a file; the exit code is 1 if any file is invalid, 2 if a validator is
not installed. `--elements` prints instead, as one JSON object a file and line, how many components lack each element
of NTIA and FSCT3 (SPDX, by ntia-conformance-checker) or of BSI TR-03183-2 (CycloneDX, counted here: the checker's
own BSI part reads SPDX 3 alone):

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


ELEMENTS = {
    "names": "components_without_names",
    "versions": "components_without_versions",
    "identifiers": "components_without_identifiers",
    "suppliers": "components_without_suppliers",
    "concluded licences": "components_without_concluded_licenses",
    "copyright texts": "components_without_copyright_texts",
}


def spdx_elements(path):
    """By standard: whether the checker finds the file conformant, how many components, how many lack what."""
    import ntia_conformance_checker as checker

    out = {}
    for standard in ("ntia", "fsct3-min"):
        sbom = checker.SbomChecker(str(path), validate=False, compliance=standard)
        missing = {
            word: len(getattr(sbom, field, []))
            for word, field in ELEMENTS.items()
            if standard != "ntia" or word not in ("concluded licences", "copyright texts")
        }
        out[standard] = {
            "conformant": bool(sbom.compliant),
            "total": sbom.get_total_number_components(),
            "missing": missing,
        }
    return out


def count_spdx(path):
    """Components that lack what NTIA and CISA's framing ask for; the checker's own words."""
    for standard, found in spdx_elements(path).items():
        words = ", ".join(f"{count} without {word}" for word, count in found["missing"].items() if count)
        verdict = "conformant" if found["conformant"] else "not conformant"
        print(f"  {standard}: {verdict}; {found['total']} components: {words or 'nothing missing'}")


def bsi_elements(document):
    """What BSI TR-03183-2 2.1 (5.2) asks of every component and of the document, as CycloneDX 1.6 writes it.

    The hash, the file name and the three properties are of the deployable component, so they are asked of
    components that are one file: those that state a file name, or a digest.
    """
    components, stack = [], list(document.get("components", []))
    while stack:
        component = stack.pop()
        components.append(component)
        stack.extend(component.get("components", []))
    stated = {
        reference
        for composition in document.get("compositions", [])
        for reference in composition.get("dependencies", []) + composition.get("assemblies", [])
    }

    def contact(party):
        party = party or {}
        return bool(party.get("url") or any(c.get("email") for c in party.get("contact", [])))

    def properties(component):
        return {p.get("name") for p in component.get("properties", [])}

    def has_creator(component):
        return contact(component.get("manufacturer")) or contact(component.get("supplier"))

    def has_sha512(component):
        digests = list(component.get("hashes", []))
        for reference in component.get("externalReferences", []):
            if reference.get("type") == "distribution":
                digests += reference.get("hashes", [])
        return any(digest.get("alg") == "SHA-512" for digest in digests)

    files = [c for c in components if "bsi:component:filename" in properties(c) or c.get("hashes")]
    without = lambda of, has: sum(1 for c in of if not has(c))  # noqa: E731
    metadata = document.get("metadata", {})
    creators = [metadata.get("manufacturer"), metadata.get("supplier"), *metadata.get("authors", [])]
    author = any(contact(party) or (party or {}).get("email") for party in creators)
    words = ("executable", "archive", "structured")
    return {
        "conformant": None,
        "total": len(components),
        "missing": {
            "creator of the document": 0 if author else 1,
            "creators": without(components, has_creator),
            "names": without(components, lambda c: c.get("name")),
            "versions": without(components, lambda c: c.get("version")),
            "licences": without(components, lambda c: c.get("licenses")),
            "identifiers": without(components, lambda c: c.get("purl") or c.get("cpe") or c.get("swid")),
            "stated completeness of dependencies": without(components, lambda c: c.get("bom-ref") in stated),
            "file names, of single files": without(files, lambda c: "bsi:component:filename" in properties(c)),
            "SHA-512, of single files": without(files, has_sha512),
            "properties, of single files": without(
                files, lambda c: all(f"bsi:component:{word}" in properties(c) for word in words)
            ),
        },
        "files": len(files),
    }


def elements(path):
    """One line of JSON: the file's elements by standard."""
    document = json.loads(path.read_text(encoding="utf-8"))
    cyclonedx = document.get("bomFormat") == "CycloneDX"
    found = {"bsi": bsi_elements(document)} if cyclonedx else spdx_elements(path)
    print(json.dumps({"file": str(path), "standards": found}))
    return True


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
    parser.add_argument("--elements", action="store_true", help="print elements as JSON instead of checking")
    parser.add_argument("files", nargs="+", type=Path)
    arguments = parser.parse_args()
    try:
        # A list, not a generator: every file is reported, also after an invalid one.
        one = elements if arguments.elements else lambda path: check(path, arguments.counts)
        valid = all([one(path) for path in arguments.files])
    except ImportError as error:
        sys.exit(print(f"not installed: {error.name}; see --help", file=sys.stderr) or 2)
    sys.exit(0 if valid else 1)


if __name__ == "__main__":
    main()
