// typescript/events.ts from the published schemas, by json-schema-to-typescript.
import { writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";
import { bundle } from "./bundle.js";

const banner = "// Generated from contracts/schemas by `just contracts`. Do not edit.\n";
const text = await compile(bundle(), "OmsEvent", { additionalProperties: false, bannerComment: banner, format: true, style: { printWidth: 120 } });
writeFileSync(new URL("typescript/events.ts", import.meta.url), text);
