// Checks asyncapi.json with the AsyncAPI project's own parser.
//
//   node asyncapi.js [FILE]
import { readFileSync } from "node:fs";
import { Parser, DiagnosticSeverity } from "@asyncapi/parser";

const file = process.argv[2] ?? new URL("asyncapi.json", import.meta.url);
const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
const bad = diagnostics.filter(({ severity }) => severity <= DiagnosticSeverity.Warning);
for (const { path, code, message } of bad) console.error(`${file}: /${path.join("/")}: ${message} (${code})`);
if (!document || bad.length > 0) process.exit(1);
console.log(`asyncapi.json ${document.version()}: ${document.messages().length} messages, ${document.operations().length} operations`);
