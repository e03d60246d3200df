#!/usr/bin/env node
// Starts the compiler, which is in the package of this system, and ends as it does.
"use strict";

const { spawnSync } = require("node:child_process");

const system = `${process.platform}-${process.arch}${process.platform === "linux" ? "-gnu" : ""}`;
let compiler;
try {
  compiler = require.resolve(`@wasm-aot/${system}/wasm-aot`);
} catch {
  console.error(
    `wasm-aot: the package @wasm-aot/${system} isn't installed: there is none for this system, or npm was told to leave out ` +
      "optional dependencies (--omit=optional)",
  );
  process.exit(1);
}
// A signal from the terminal reaches the compiler, too, which tidies up.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
const result = spawnSync(compiler, process.argv.slice(2), { stdio: "inherit" });
if (result.error) {
  console.error(`wasm-aot: ${result.error.message}`);
  process.exit(1);
}
if (result.signal) {
  process.removeAllListeners(result.signal);
  process.kill(process.pid, result.signal);
} else {
  process.exitCode = result.status;
}
