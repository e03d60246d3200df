#!/usr/bin/env node
// Starts the compiler, which is in the package of this system, and ends as it does.
"use strict";

const { spawn } = require("node:child_process");

const system = `${process.platform}-${process.arch}${process.platform === "linux" ? "-gnu" : ""}`;
let path;
try {
  path = require.resolve(`@wasm-aot/${system}/wasm-aot`);
} catch {
  console.error(
    `wasm-aot: the package @wasm-aot/${system} isn't installed: there is none for this system, or npm was told to leave out ` +
      "optional dependencies (--omit=optional)",
  );
  process.exit(1);
}
const compiler = spawn(path, process.argv.slice(2), { stdio: "inherit" });
// The compiler tidies up before it ends. An interrupt from the terminal reaches it by itself.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => compiler.kill(signal));
compiler.on("error", (error) => {
  console.error(`wasm-aot: ${error.message}`);
  process.exitCode = 1;
});
compiler.on("exit", (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exitCode = code;
  }
});
