//! Scripts, by which the tests drive a program.

use wasm_aot_abi::layout::{Script, ScriptCommand};
use wasm_aot_abi::shared::Store;
use wasm_aot_abi::symbols;
use wasmparser::ValType;

use super::encoder::{Encoder, Procedure, Symbolic};
use crate::layout::Symbol;
use crate::program::{Command, Program};

/// Describes the commands to the runtime; returns the function that runs them.
pub fn add(encoder: &mut Encoder<'_>, program: &Program<'_>, commands: &[Command]) -> Procedure {
    let table: Vec<ScriptCommand<Symbolic>> = (0..)
        .zip(commands)
        .map(|(index, command)| ScriptCommand {
            call: encoder.code(Symbol::Command(index)),
            result_count: result_count(program, command),
        })
        .collect();
    let command_count = table.len() as u64;
    let commands = encoder.array(&table);
    encoder.define(symbols::SCRIPT, Script::<Symbolic> { commands, command_count });
    encoder.import(symbols::SCRIPT_MAIN)
}

/// The number of words that a command produces.
fn result_count(program: &Program<'_>, command: &Command) -> u64 {
    let words = |ty: &ValType| if *ty == ValType::V128 { 2 } else { 1 };
    match command {
        Command::Instantiate(_) => 0,
        Command::Call(func, _) => {
            program.signature(program.funcs[*func].signature).results().iter().map(words).sum()
        }
        Command::GetGlobal(global) => words(&program.globals[*global].ty.content_type),
    }
}
