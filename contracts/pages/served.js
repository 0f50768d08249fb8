// The schemas as a program finds them: the pages are served at the address with which every `$id` begins, and every `$id`,
// `$ref` and `dataschema` is followed there.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";

const json = (url) => JSON.parse(readFileSync(url, "utf8"));
const files = (folder) => readdirSync(folder).map((file) => new URL(file, folder));

/** Fails unless each schema in `built` is served at its `$id`, and resolves and fits the samples as it is served. */
export async function checkSchemas(built) {
  const language = new URL("../", import.meta.url);
  const schemas = files(new URL("schemas/", language)).map(json);
  const bases = new Set(schemas.map(({ $id, title }) => $id.replace(`${title}.json`, "")));
  assert.equal(bases.size, 1, `the schemas have several addresses: ${[...bases].join(", ")}`);
  const [base] = bases;
  assert(readFileSync(new URL("Cargo.toml", language), "utf8").includes(`homepage = "${base}"`), `${base} is not the homepage in Cargo.toml`);

  const server = await serve(built, new URL(base).pathname);
  const fetched = async (uri) => {
    assert(uri.startsWith(base), `${uri} is not below ${base}`);
    const answer = await fetch(`http://127.0.0.1:${server.address().port}${new URL(uri).pathname}`);
    assert.equal(answer.status, 200, `${uri} is not in the pages`);
    return answer.json();
  };
  const ajv = new Ajv2020({ strictSchema: false, allErrors: true, loadSchema: fetched });
  formats.default(ajv);
  try {
    for (const schema of schemas) {
      assert.deepEqual(await fetched(schema.$id), schema, `${schema.$id} serves another schema`);
      if (!ajv.getSchema(schema.$id)) await ajv.compileAsync(schema);
    }
    for (const sample of files(new URL("samples/", built)).map(json)) {
      const validate = ajv.getSchema(sample.dataschema);
      assert(validate, `${sample.dataschema}, the dataschema of a sample, is no schema's $id`);
      assert(validate(sample), `a sample breaks ${sample.dataschema}: ${ajv.errorsText(validate.errors)}`);
    }
    for (const file of files(new URL("releases/", language)).filter(({ pathname }) => pathname.endsWith(".json"))) {
      const { types, version } = json(file);
      for (const [type, { minor }] of Object.entries(types)) {
        const { $id } = await fetched(`${base}releases/schemas/${type}.${minor}.json`);
        assert.equal($id, `${base}${type}.json`, `release ${version} has another $id for ${type}`);
      }
    }
  } finally {
    server.close();
  }
}

/** A static server, with the pages below the path. */
async function serve(built, path) {
  const server = createServer(({ url }, answer) => {
    const file = url.startsWith(path) && new URL(url.slice(path.length), built);
    if (!file || !existsSync(file)) return answer.writeHead(404).end();
    answer.writeHead(200, { "Content-Type": "application/json", Connection: "close" }).end(readFileSync(file));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}
