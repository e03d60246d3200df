//! Turns a `.wast` file into a program: modules are parsed and instantiated, actions become commands. What
//! the compiler alone decides (invalid, malformed, unlinkable modules) is checked on the way.

use std::collections::HashMap;
use std::fmt;

use anyhow::{Result, anyhow, bail};
use wasm_aot::driver::BuildPlan;
use wasm_aot::parse::features::SUPPORTED;
use wasm_aot::parse::{self, Module};
use wasm_aot::program::{Builder, Command, Entity, InstanceId, Value};
use wasmparser::{Validator, WasmFeatures};
use wast::core::WastArgCore;
use wast::parser::ParseBuffer;
use wast::token::Id;
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, WastThread, Wat};

use super::FileReport;
use super::compare::{Expectation, Expected, Outcome, extern_reference};
use super::counts::Kind;
use super::suites::File;

/// The module `spectest` of the suite's host, in Wasm.
const SPECTEST: &str = r#"(module
  (global (export "global_i32") i32 (i32.const 666))
  (global (export "global_i64") i64 (i64.const 666))
  (global (export "global_f32") f32 (f32.const 666.6))
  (global (export "global_f64") f64 (f64.const 666.6))
  (table (export "table") 10 20 funcref)
  (table (export "table64") i64 10 20 funcref)
  (memory (export "memory") 1 2)
  (memory (export "shared_memory") 1 2 shared)
  (func (export "print"))
  (func (export "print_i32") (param i32))
  (func (export "print_i64") (param i64))
  (func (export "print_f32") (param f32))
  (func (export "print_f64") (param f64))
  (func (export "print_i32_f32") (param i32 f32))
  (func (export "print_f64_f64") (param f64 f64)))"#;

/// The name of a module of our own that our files can import.
const OURS: &str = "wasm-aot";

/// The module [`OURS`]: how many allocations it takes to make the collector run for sure. Where it runs at each, a few
/// will do, and more take long; but only more make it run so often that objects have been in many places.
fn ours(file: &File, plan: &BuildPlan) -> String {
    let allocations = if plan.heap.stress && !file.thorough { 4 } else { 128 };
    format!(r#"(module (global (export "allocations") i32 (i32.const {allocations})))"#)
}

/// What decides the outcome of a directive.
enum Decision {
    /// The compiler, and the directive holds.
    Holds,
    /// The program, when it runs.
    ByTheProgram,
}

/// The error of a directive that needs something unsupported.
#[derive(Debug)]
struct Unsupported(String);

impl std::error::Error for Unsupported {}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A program under construction, and what is expected of it.
pub struct Script {
    pub builder: Builder<'static>,
    features: WasmFeatures,
    /// Whether named modules can be imported by their names.
    named_modules: bool,
    pub commands: Vec<Command>,
    pub expectations: Vec<Expectation>,
    /// Instances and module definitions by name.
    instances: HashMap<String, InstanceId>,
    definitions: HashMap<String, &'static Module<'static>>,
    current: Option<InstanceId>,
    /// Modules of the host that no instance has imported yet: name and text.
    hosts: Vec<(&'static str, String)>,
    last_definition: Option<&'static Module<'static>>,
}

/// Modules live as long as the process: a test run is short.
fn leak(bytes: Vec<u8>, features: WasmFeatures) -> Result<&'static Module<'static>> {
    let bytes: &'static [u8] = Vec::leak(bytes);
    match parse::parse(bytes, features) {
        Ok(module) => Ok(Box::leak(Box::new(module))),
        // A module that needs an unsupported feature to be valid isn't a failure.
        Err(error) if !is_valid_with_more(bytes, features) => Err(error),
        Err(error) => Err(Unsupported(format!("{error:#}")).into()),
    }
}

/// Whether the bytes are valid, except for features that aren't enabled.
fn is_valid_with_more(bytes: &[u8], features: WasmFeatures) -> bool {
    let is_valid = |features| Validator::new_with_features(features).validate_all(bytes).is_ok();
    !is_valid(features) && is_valid(WasmFeatures::all())
}

impl Script {
    /// Reads a file. Failures that are found here are added to the report.
    pub fn read(
        buffer: &ParseBuffer<'_>,
        file: &File,
        plan: &BuildPlan,
        report: &mut FileReport,
    ) -> Result<Script> {
        let wast = wast::parser::parse::<Wast<'_>>(buffer)?;
        let mut script = Script {
            builder: Builder::new(false),
            features: plan.features,
            named_modules: file.named_modules,
            commands: Vec::new(),
            expectations: Vec::new(),
            instances: HashMap::new(),
            definitions: HashMap::new(),
            current: None,
            hosts: vec![("spectest", SPECTEST.to_owned()), (OURS, ours(file, plan))],
            last_definition: None,
        };
        for directive in wast.directives {
            script.carry_out(directive, file, report);
        }
        Ok(script)
    }

    /// Carries out a directive, and those in it, and adds to the report what can already be decided.
    fn carry_out(&mut self, directive: WastDirective<'_>, file: &File, report: &mut FileReport) {
        let line = directive.span().linecol_in(file.text).0 + 1;
        let kind = kind(&directive);
        let is_skipped = file.skipped.is_some_and(|skipped| skipped.lines.contains(&line));
        // These assert nothing, so they aren't counted: only what is in a thread is, which has ended where it began.
        match directive {
            WastDirective::Thread(thread) if !is_skipped => return self.thread(thread, file, report),
            WastDirective::Wait { .. } if !is_skipped => return,
            _ => {}
        }
        report.directives += 1;
        if is_skipped {
            return report.counts.skip(kind);
        }
        match self.directive(directive, line, kind) {
            Ok(Decision::Holds) => report.counts.pass(kind),
            Ok(Decision::ByTheProgram) => {}
            Err(error) if error.is::<Unsupported>() => {
                report.skip_unsupported(kind, line, &error.to_string());
            }
            Err(error) => report.fail(kind, line, &format!("{error:#}")),
        }
    }

    /// Threads are run one after the other, each as a whole where it begins: each has names of its own, and sees one
    /// module of the others.
    fn thread(&mut self, thread: WastThread<'_>, file: &File, report: &mut FileReport) {
        let shared =
            thread.shared_module.and_then(|id| Some((id.name().to_owned(), self.instance(Some(id)).ok()?)));
        let outside = (std::mem::take(&mut self.instances), self.current.take(), self.last_definition.take());
        self.instances.extend(shared);
        for directive in thread.directives {
            self.carry_out(directive, file, report);
        }
        (self.instances, self.current, self.last_definition) = outside;
    }

    /// Carries out a single directive.
    fn directive(&mut self, directive: WastDirective<'_>, line: usize, kind: Kind) -> Result<Decision> {
        let (command, outcome) = match directive {
            WastDirective::Module(mut wat) => {
                let name = wat.name();
                // What follows refers to this module, even if there is none.
                self.current = None;
                name.map(|id| self.instances.remove(id.name()));
                let module = leak(wat.encode()?, self.features)?;
                self.last_definition = Some(module);
                (self.instantiate(module, name)?, Outcome::Succeeds)
            }
            WastDirective::ModuleDefinition(mut wat) => {
                let name = wat.name();
                let module = leak(wat.encode()?, self.features)?;
                self.last_definition = Some(module);
                if let Some(id) = name {
                    self.definitions.insert(id.name().to_owned(), module);
                }
                return Ok(Decision::Holds);
            }
            WastDirective::ModuleInstance { instance, module, .. } => {
                let module = match module {
                    Some(id) => self.definitions.get(id.name()).copied(),
                    None => self.last_definition,
                };
                let module = module.ok_or_else(|| anyhow!("unknown module definition"))?;
                (self.instantiate(module, instance)?, Outcome::Succeeds)
            }
            WastDirective::Register { name, module, .. } => {
                let instance = self.instance(module)?;
                self.builder.register(name, instance);
                return Ok(Decision::Holds);
            }
            WastDirective::Invoke(invoke) => (self.invoke(&invoke)?, Outcome::Succeeds),
            WastDirective::AssertReturn { exec, results, .. } => {
                let expected: Result<Vec<Expected>> = results
                    .iter()
                    .map(|ret| match ret {
                        WastRet::Core(ret) => Ok(Expected::new(ret)),
                        _ => Err(Unsupported("not a core value".to_owned()).into()),
                    })
                    .collect();
                let expected = expected?;
                (self.execute(exec)?, Outcome::Returns(expected))
            }
            WastDirective::AssertTrap { exec, message, .. } => {
                (self.execute(exec)?, Outcome::Traps(message.to_owned()))
            }
            WastDirective::AssertExhaustion { call, message, .. } => {
                (self.invoke(&call)?, Outcome::Traps(message.to_owned()))
            }
            WastDirective::AssertException { exec, .. } => {
                (self.execute(exec)?, Outcome::Traps("uncaught exception".to_owned()))
            }
            WastDirective::AssertInvalid { module, .. } | WastDirective::AssertMalformed { module, .. } => {
                return must_be_refused(module, self.features);
            }
            WastDirective::AssertUnlinkable { module, .. } => return self.must_not_link(module),
            _ => return Err(Unsupported(format!("unsupported directive: {kind}")).into()),
        };
        self.commands.push(command);
        self.expectations.push(Expectation { line, kind, outcome });
        Ok(Decision::ByTheProgram)
    }

    fn instantiate(&mut self, module: &'static Module<'static>, name: Option<Id<'_>>) -> Result<Command> {
        let instance = self.add_instance(module)?;
        self.current = Some(instance);
        if let Some(id) = name {
            self.instances.insert(id.name().to_owned(), instance);
            if self.named_modules {
                self.builder.register(id.name(), instance);
            }
            self.definitions.insert(id.name().to_owned(), module);
        }
        Ok(Command::Instantiate(instance))
    }

    /// Adds an instance; before the first that imports one of the host's modules, also an instance of that. Not earlier:
    /// the first memory of a program is special, and should be one that the file tests.
    fn add_instance(&mut self, module: &'static Module<'static>) -> Result<InstanceId> {
        let is_imported =
            |(host, _): &mut (&str, _)| module.imports.iter().any(|import| import.module == *host);
        for (name, text) in self.hosts.extract_if(.., is_imported) {
            let instance = self.builder.instantiate(leak(wat::parse_str(text)?, SUPPORTED)?)?;
            self.builder.register(name, instance);
        }
        Ok(self.builder.instantiate(module)?)
    }

    fn instance(&self, name: Option<Id<'_>>) -> Result<InstanceId> {
        match name {
            Some(id) => self
                .instances
                .get(id.name())
                .copied()
                .ok_or_else(|| Unsupported(format!("there is no instance {}", id.name())).into()),
            None => {
                self.current.ok_or_else(|| Unsupported("there is no instance before it".to_owned()).into())
            }
        }
    }

    fn execute(&mut self, exec: WastExecute<'_>) -> Result<Command> {
        match exec {
            WastExecute::Invoke(invoke) => self.invoke(&invoke),
            WastExecute::Wat(mut wat) => {
                let module = leak(wat.encode()?, self.features)?;
                Ok(Command::Instantiate(self.add_instance(module)?))
            }
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(module)?;
                match self.builder.instance(instance).export(global) {
                    Some(Entity::Global(global)) => Ok(Command::GetGlobal(global)),
                    _ => bail!("no global `{global}`"),
                }
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Command> {
        let instance = self.instance(invoke.module)?;
        let Some(Entity::Func(func)) = self.builder.instance(instance).export(invoke.name) else {
            bail!("no function `{}`", invoke.name);
        };
        let arguments: Result<Vec<Value>> = invoke
            .args
            .iter()
            .map(|argument| {
                Ok(match argument {
                    WastArg::Core(WastArgCore::I32(value)) => Value::I32(*value),
                    WastArg::Core(WastArgCore::I64(value)) => Value::I64(*value),
                    WastArg::Core(WastArgCore::F32(value)) => Value::F32(value.bits),
                    WastArg::Core(WastArgCore::F64(value)) => Value::F64(value.bits),
                    WastArg::Core(WastArgCore::V128(value)) => Value::V128(value.to_le_bytes()),
                    WastArg::Core(WastArgCore::RefNull(_)) => Value::Null,
                    WastArg::Core(WastArgCore::RefExtern(value) | WastArgCore::RefHost(value)) => {
                        Value::Extern(extern_reference(*value))
                    }
                    other => return Err(Unsupported(format!("unsupported argument {other:?}")).into()),
                })
            })
            .collect();
        Ok(Command::Call(func, arguments?))
    }

    fn must_not_link(&mut self, mut wat: Wat<'_>) -> Result<Decision> {
        let module = leak(wat.encode()?, self.features)?;
        match self.add_instance(module) {
            Ok(_) => bail!("links, but must not"),
            Err(_) => Ok(Decision::Holds),
        }
    }
}

fn must_be_refused(mut wat: QuoteWat<'_>, features: WasmFeatures) -> Result<Decision> {
    // Text that wast refuses is malformed, too.
    let Ok(bytes) = wat.encode() else { return Ok(Decision::Holds) };
    match parse::parse(&bytes, features) {
        Ok(_) => bail!("is accepted, but must be refused"),
        Err(_) => Ok(Decision::Holds),
    }
}

/// The name of a kind of directive. Malformed modules in the text format are a kind of their own: mostly the
/// reader of that format refuses them, before wasm-aot sees anything.
pub fn kind(directive: &WastDirective<'_>) -> Kind {
    match directive {
        WastDirective::Module(_) => "module",
        WastDirective::ModuleDefinition(_) => "module definition",
        WastDirective::ModuleInstance { .. } => "module instance",
        WastDirective::Register { .. } => "register",
        WastDirective::Invoke(_) => "invoke",
        WastDirective::AssertReturn { .. } => "assert_return",
        WastDirective::AssertTrap { .. } => "assert_trap",
        WastDirective::AssertExhaustion { .. } => "assert_exhaustion",
        WastDirective::AssertException { .. } => "assert_exception",
        WastDirective::AssertInvalid { .. } => "assert_invalid",
        WastDirective::AssertMalformed { module: QuoteWat::Wat(_), .. } => "assert_malformed",
        WastDirective::AssertMalformed { .. } => "assert_malformed (text)",
        WastDirective::AssertUnlinkable { .. } => "assert_unlinkable",
        WastDirective::AssertSuspension { .. } => "assert_suspension",
        WastDirective::AssertInvalidCustom { .. } => "assert_invalid_custom",
        WastDirective::AssertMalformedCustom { .. } => "assert_malformed_custom",
        WastDirective::Thread(_) => "thread",
        WastDirective::Wait { .. } => "wait",
    }
}
