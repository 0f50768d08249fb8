#!/usr/bin/env bash
# Generates types for other languages from contracts/schemas: typescript/events.ts and schemas.ts, python/oms_contracts/events.py.
# `just contracts` runs it and installs the generators.
set -euo pipefail
cd "$(dirname "$0")"
bundle=$(mktemp --suffix=.json)
trap 'rm -f "$bundle"' EXIT

node python.js >"$bundle"
node typescript.js
datamodel-codegen --input "$bundle" --input-file-type jsonschema --output python/oms_contracts/events.py \
    --output-model-type pydantic_v2.BaseModel --base-class oms_contracts.model.Model --target-python-version 3.11 --snake-case-field \
    --use-standard-collections --use-union-operator --use-annotated --field-constraints --enum-field-as-literal all \
    --collapse-root-models --use-schema-description --use-field-description --formatters builtin \
    --custom-file-header '# Generated from contracts/schemas by `just contracts`. Do not edit.'

# the packages have the language's version and address
for field in version homepage; do
    value=$(sed -n "s/^$field = \"\(.*\)\"/\1/p" ../Cargo.toml | head -1)
    sed -i "s|^$field = .*|$field = \"$value\"|; s|{ ${field^} = .* }|{ ${field^} = \"$value\" }|" python/pyproject.toml
    sed -i "s|\"$field\": \".*\"|\"$field\": \"$value\"|" typescript/package.json
done
