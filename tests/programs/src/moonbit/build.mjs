// Compiles a MoonBit program to Wasm with garbage collection, and of the standard library what a prelude has, by the compiler that
// is made for browsers: a worker, which is asked as the library Comlink asks.
//
//     node build.mjs DIST SOURCE OUTPUT      DIST: of the package @moonbit/moonpad-monaco

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [dist, source, output] = process.argv.slice(2);
const TARGET = "wasm-gc";
const LIBRARY = "moonbitlang/core";
const LOCATION = "moonbit-core:/lib/core";

// Node would print the line of the compiler, which is all of it.
const fail = (error) => {
  console.error(String(error).slice(0, 4000));
  process.exit(1);
};
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

/** The functions of the worker. */
function compiler() {
  let listener;
  const answers = new Map();
  globalThis.self = globalThis;
  globalThis.require = createRequire(import.meta.url);
  globalThis.addEventListener = (_, function_) => (listener = function_);
  globalThis.removeEventListener = () => {};
  globalThis.postMessage = (message) => answers.get(message.id)(message);
  (0, eval)(fs.readFileSync(path.join(dist, "moonc-worker.js"), "utf8"));
  return async (name, argument) => {
    const id = String(answers.size);
    const answer = new Promise((resolve) => answers.set(id, resolve));
    const argumentList = [{ type: "RAW", value: argument }];
    listener({ origin: "", data: { id, type: "APPLY", path: [name], argumentList } });
    const { type, value } = await answer;
    if (type !== "RAW") throw new Error(JSON.stringify(value));
    return value;
  };
}

/** The files of the standard library, which a script of the package has in base64. */
function libraryFiles() {
  const script = fs.readFileSync(path.join(dist, "moonpad-monaco.js"), "utf8");
  const texts = new Map();
  for (const [, name, text] of script.matchAll(/([\w$]+) = [\w$]+\(" ?([A-Za-z0-9+/=]*)"\)/g)) texts.set(name, text);
  const files = new Map();
  for (const [, file, name] of script.matchAll(/\["(\/lib\/core\/[^"]+)"\] = ([\w$]+);/g))
    files.set(`moonbit-core:${file}`, Buffer.from(texts.get(name), "base64").toString());
  return files;
}

const ask = compiler();
const files = libraryFiles();
/** What has been built of the standard library, in the order in which it must be linked. */
const built = new Map();

/** `dependencies`: what the package has other names for. */
async function buildPackage(pkg, location, sources, dependencies, isMain) {
  const interfaces = [...built].map(([name, { mi }]) => {
    const rest = name.slice(LIBRARY.length + 1);
    return [`/lib/core/${rest}:${rest}`, mi];
  });
  const result = await ask("buildPackage", {
    mbtFiles: sources, miFiles: dependencies, indirectImportMiFiles: [], stdMiFiles: interfaces, target: TARGET, pkg,
    pkgSources: [location], isMain, errorFormat: "human", enableValueTracing: false, noOpt: false,
  });
  if (!result.core) throw new Error(`${pkg}: ${result.diagnostics.join("\n")}`);
  return result;
}

const packages = new Map();
for (const item of JSON.parse(files.get(`${LOCATION}/_build/packages.json`)).packages)
  packages.set(item.rel ? `${item.root}/${item.rel}` : item.root, item);

async function buildLibrary(name) {
  if (built.has(name)) return;
  const item = packages.get(name);
  for (const { path } of item.deps) await buildLibrary(path);
  const dependencies = item.deps.map(({ path, fspath, alias }) => [`${fspath}:${alias}`, built.get(path).mi]);
  const wanted = ([, { backend, optlevel }]) => backend.includes("WasmGC") && optlevel.includes("Release");
  const sources = Object.entries(item.files).filter(wanted).map(([file]) => [file, files.get(file)]);
  built.set(name, await buildPackage(name, `${LIBRARY}:${LOCATION}`, sources, dependencies, false));
}

await buildLibrary(`${LIBRARY}/prelude`);
const program = await buildPackage("app", "app:app:/", [["main.mbt", fs.readFileSync(source, "utf8")]], [], true);
const { result } = await ask("linkCore", {
  coreFiles: [...[...built.values()].map(({ core }) => core), program.core], main: "app",
  pkgSources: [`${LIBRARY}:${LOCATION}`, "app:app:/"], target: TARGET, exportedFunctions: [], outputFormat: "wasm",
  testMode: false, debug: false, noOpt: false, sourceMap: false, sources: {}, stopOnMain: false,
});
fs.writeFileSync(output, result);
