// python/oms_contracts/enumerations.py, and on standard output the document from which datamodel-codegen makes the models.
//
//   node python.js > bundle.json
import { writeFileSync } from "node:fs";
import { bundle } from "./bundle.js";

const all = bundle();
const open = Object.entries(all.$defs).filter(([, schema]) => "x-open" in schema);
const members = (values) => values.map((value) => `    ${value} = "${value}"\n`).join("");
const classes = open.map(([name, schema]) => `class ${name}(Open):\n    """${schema.description}"""\n\n${members(schema.enum)}`);
writeFileSync(new URL("python/oms_contracts/enumerations.py", import.meta.url),
  `# Generated from contracts/schemas by \`just contracts\`. Do not edit.
"""The open enumerations: a later release may add values."""

from .open import Open


${classes.join("\n\n")}`);

for (const [name] of open) all.$defs[name] = { customTypePath: `oms_contracts.enumerations.${name}` };
console.log(JSON.stringify(all, null, 2));
