//! What a library defines and what it leaves to the program that it becomes a part of: read from a module, in an order
//! that depends on nothing but the module. The wrappers in the library's object, the C header and the Rust module are
//! all made from this.

use wasm_aot_abi::service::Service;
use wasmparser::{RefType, ValType};

use super::names::{self, Names};
use super::value::{Return, Value};
use super::words::is_of_system;
use crate::error::{Error, ErrorKind, Result};
use crate::escape::escape;
use crate::parse::{FuncIndex, GlobalIndex, Item, MemoryIndex, Module, TableIndex};

/// The function that instantiation calls, which is therefore none of the interface.
const INITIALIZE: &str = "_initialize";

/// The maximum length in bytes of a symbol. Compilers for Windows take no more than 4095.
const MOST_SYMBOL_BYTES: usize = 1024;

/// The choices about a library's interface.
#[derive(Clone, Debug)]
pub struct Options {
    /// What all symbols begin with.
    pub prefix: String,
    /// Whether there are any number of instances, so that functions take the instance as their first parameter.
    pub many: bool,
    pub handler: Handler,
}

/// How a host with handlers of its own passes on what the processor reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handler {
    /// POSIX: `P_handle_signal`.
    Signals,
    /// Windows: `P_handle_exception`.
    Exceptions,
}

/// Who provides an import, if not the embedder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// The runtime: functions of WASI.
    Runtime,
    /// The library itself: other modules in it, or code that traps.
    Library,
}

/// The interface of a library.
#[derive(Clone, Debug)]
pub struct Interface {
    pub prefix: String,
    pub many: bool,
    pub handler: Handler,
    /// Whether the runtime provides imports, those of WASI.
    pub wasi: bool,
    pub functions: Vec<Function>,
    pub memories: Vec<Memory>,
    pub globals: Vec<Global>,
    pub tables: Vec<Table>,
    pub imports: Vec<Import>,
}

/// An exported function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name in Wasm.
    pub name: String,
    /// Its name in C: `P_NAME`.
    pub symbol: String,
    pub func: FuncIndex,
    pub params: Vec<Value>,
    pub results: Vec<Value>,
}

/// A memory that is exported, or imported: the library makes both.
#[derive(Clone, Debug)]
pub struct Memory {
    /// Its name in Wasm: `NAME`, or `MODULE.FIELD` if it is imported and not exported.
    pub name: String,
    /// What its functions' symbols begin with: `P_NAME`.
    pub symbol: String,
    pub memory: MemoryIndex,
}

/// An exported global.
#[derive(Clone, Debug)]
pub struct Global {
    /// Its name in Wasm.
    pub name: String,
    /// What its functions' symbols begin with: `P_NAME`.
    pub symbol: String,
    pub global: GlobalIndex,
    pub value: Value,
    pub mutable: bool,
}

/// An exported table.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name in Wasm.
    pub name: String,
    /// What its functions' symbols begin with: `P_NAME`.
    pub symbol: String,
    pub table: TableIndex,
}

/// An imported function that the embedder defines.
#[derive(Clone, Debug)]
pub struct Import {
    pub module: String,
    pub field: String,
    /// Its name in C: `P_import_MODULE_FIELD`.
    pub symbol: String,
    /// The module's functions that it is: several if the module imports it more than once.
    pub funcs: Vec<FuncIndex>,
    pub params: Vec<Value>,
    pub results: Vec<Value>,
}

/// The name in C of a function that every library has, without the prefix; none of those that only the library calls.
fn service_name(service: Service) -> Option<&'static str> {
    Some(match service {
        Service::Enter | Service::EnterDirect => return None,
        Service::Instantiate => "instantiate",
        Service::New => "new",
        Service::Reset => "reset",
        Service::Delete => "delete",
        Service::ErrorMessage => "error_message",
        Service::Backtrace => "backtrace",
        Service::ExitCode => "exit_code",
        Service::HandleSignal => "handle_signal",
        Service::HandleException => "handle_exception",
        Service::Trap => "trap",
    })
}

impl Memory {
    /// The function that returns where it is.
    pub fn base(&self) -> String {
        format!("{}_base", self.symbol)
    }

    /// The function that returns its size in bytes.
    pub fn size(&self) -> String {
        format!("{}_size", self.symbol)
    }

    /// The function that returns where some bytes are, if they are in the memory.
    pub fn pointer(&self) -> String {
        format!("{}_pointer", self.symbol)
    }
}

impl Global {
    /// The function that returns its value; a vector is returned through a pointer.
    pub fn get(&self) -> String {
        format!("{}_get", self.symbol)
    }

    /// The function that changes its value, if it can be changed.
    pub fn set(&self) -> Option<String> {
        self.mutable.then(|| format!("{}_set", self.symbol))
    }
}

impl Table {
    /// The function that returns how many elements it has.
    pub fn size(&self) -> String {
        format!("{}_size", self.symbol)
    }
}

impl Function {
    /// How its results are returned: never directly, since the C function returns an error.
    pub fn returns(&self) -> Return {
        Return::of_export(&self.results)
    }
}

impl Import {
    /// The function of a DLL that is told where the import is: nothing in a DLL can be undefined.
    pub fn setter(&self) -> String {
        format!("{}_set", self.symbol)
    }

    /// How its results are returned.
    pub fn returns(&self) -> Return {
        Return::of_import(&self.results)
    }
}

impl Interface {
    /// The interface of a module as a library. `provider` says of an import, by the names of its module and its
    /// field, who provides it: none if the embedder must; whether its type is right is for others to say.
    ///
    /// # Errors
    /// Names what C can't express: types of parameters, results and globals, imported tables, globals and tags, shared
    /// memories; and a prefix that is no identifier.
    pub fn of(
        module: &Module<'_>,
        options: Options,
        provider: impl Fn(&str, &str) -> Option<Provider>,
    ) -> Result<Interface> {
        let Options { prefix, many, handler } = options;
        check_prefix(&prefix)?;
        let mut interface = Interface {
            prefix,
            many,
            handler,
            wasi: false,
            functions: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            tables: Vec::new(),
            imports: Vec::new(),
        };
        let prefix = interface.prefix.clone();
        let mut names = Names::new(&prefix);
        interface.add_exports(module, &mut names)?;
        interface.add_imported_memories(module, &mut names)?;
        interface.add_imports(module, &mut names, provider)?;
        Ok(interface)
    }

    fn add_exports(&mut self, module: &Module<'_>, names: &mut Names<'_>) -> Result<()> {
        for export in &module.exports {
            let name = export.name.to_owned();
            let what = |kind: &str| format!("the exported {kind} `{}`", escape(export.name));
            let mut symbol = |endings, kind| {
                self.symbol(names.take(names::mangle(export.name), endings))
                    .map_err(|error| error(&what(kind)))
            };
            match export.item {
                Item::Func(_) if export.name == INITIALIZE => {}
                Item::Func(func) => {
                    let (params, results) = signature(module, func, || what("function"))?;
                    let symbol = symbol(function_endings(&results), "function")?;
                    self.functions.push(Function { name, symbol, func, params, results });
                }
                Item::Memory(memory) => {
                    check_memory(module, memory, || what("memory"))?;
                    let symbol = symbol(&["_base", "_size", "_pointer"], "memory")?;
                    self.memories.push(Memory { name, symbol, memory });
                }
                Item::Global(global) => {
                    let ty = &module.globals[global].ty;
                    let value = Value::of(ty.content_type)
                        .ok_or_else(|| inexpressible(&what("global"), ty.content_type))?;
                    let symbol = symbol(&["_get", "_set"], "global")?;
                    self.globals.push(Global { name, symbol, global, value, mutable: ty.mutable });
                }
                Item::Table(table) => {
                    let symbol = symbol(&["_size"], "table")?;
                    self.tables.push(Table { name, symbol, table });
                }
                // C has no use for it: an exception that leaves the library is an error.
                Item::Tag(_) => {}
            }
        }
        Ok(())
    }

    fn add_imported_memories(&mut self, module: &Module<'_>, names: &mut Names<'_>) -> Result<()> {
        for import in &module.imports {
            let Item::Memory(memory) = import.item else { continue };
            let what =
                format!("the imported memory `{}.{}`", escape(&import.module_name()), escape(import.name));
            check_memory(module, memory, || what.clone())?;
            if self.memories.iter().any(|known| known.memory == memory) {
                continue;
            }
            let name = format!("{}_{}", names::mangle(import.module), names::mangle(import.name));
            let symbol = self
                .symbol(names.take(name, &["_base", "_size", "_pointer"]))
                .map_err(|error| error(&what))?;
            let name = format!("{}.{}", import.module_name(), import.name);
            self.memories.push(Memory { name, symbol, memory });
        }
        Ok(())
    }

    fn add_imports(
        &mut self,
        module: &Module<'_>,
        names: &mut Names<'_>,
        provider: impl Fn(&str, &str) -> Option<Provider>,
    ) -> Result<()> {
        // By names and type.
        let mut known = std::collections::HashMap::new();
        for import in &module.imports {
            let what = |kind: &str| {
                format!("the imported {kind} `{}.{}`", escape(&import.module_name()), escape(import.name))
            };
            let refused = |kind| {
                let reason = "isn't supported in a library: nothing could define it";
                Err(Error::new(ErrorKind::Unsupported, format!("{} {reason}", what(kind))))
            };
            let provider = provider(import.module, import.name);
            if provider.is_some() {
                self.wasi |= provider == Some(Provider::Runtime);
                continue;
            }
            let func = match import.item {
                Item::Func(func) => func,
                Item::Memory(_) => continue,
                Item::Table(_) => return refused("table"),
                Item::Global(_) => return refused("global"),
                Item::Tag(_) => return refused("tag"),
            };
            let (params, results) = signature(module, func, || what("function"))?;
            let key = (import.module, import.name, module.function_type(func));
            if let Some(&index) = known.get(&key) {
                let same: &mut Import = &mut self.imports[index];
                same.funcs.push(func);
                continue;
            }
            known.insert(key, self.imports.len());
            let name = format!("import_{}_{}", names::mangle(import.module), names::mangle(import.name));
            let symbol = self
                .symbol(names.take(name, import_endings(&results)))
                .map_err(|error| error(&what("function")))?;
            let (module, field) = (import.module.to_owned(), import.name.to_owned());
            self.imports.push(Import { module, field, symbol, funcs: vec![func], params, results });
        }
        Ok(())
    }

    /// A symbol with the prefix; the error takes what the symbol is for.
    fn symbol(&self, name: String) -> Result<String, impl FnOnce(&str) -> Error + use<>> {
        let symbol = format!("{}_{name}", self.prefix);
        if symbol.len() <= MOST_SYMBOL_BYTES {
            return Ok(symbol);
        }
        let length = symbol.len();
        Err(move |what: &str| {
            let message =
                format!("{what} would have a symbol of {length} bytes; {MOST_SYMBOL_BYTES} are possible");
            Error::new(ErrorKind::Limit, message)
        })
    }

    /// The functions that it has whatever its module exports, with their symbols.
    pub fn services(&self) -> Vec<(Service, String)> {
        let make = if self.many { Service::New } else { Service::Instantiate };
        let handler = match self.handler {
            Handler::Signals => Service::HandleSignal,
            Handler::Exceptions => Service::HandleException,
        };
        let services = [
            make,
            Service::Reset,
            Service::Delete,
            Service::ErrorMessage,
            Service::Backtrace,
            Service::ExitCode,
            handler,
            Service::Trap,
        ];
        let named = services.into_iter().filter_map(|service| Some((service, service_name(service)?)));
        named.map(|(service, name)| (service, format!("{}_{name}", self.prefix))).collect()
    }

    /// The function with which an import ends the call.
    pub fn trap(&self) -> String {
        format!("{}_trap", self.prefix)
    }

    /// Every symbol of C that the library defines, without the `_` that Mach-O puts before: the functions that every
    /// library has, then those of exported functions, memories, globals and tables, in the order of the exports.
    pub fn symbols(&self) -> Vec<String> {
        let services = self.services().into_iter().map(|(_, symbol)| symbol);
        let functions = self.functions.iter().map(|function| function.symbol.clone());
        let memories =
            self.memories.iter().flat_map(|memory| [memory.base(), memory.size(), memory.pointer()]);
        let globals = self.globals.iter().flat_map(|global| [global.get()].into_iter().chain(global.set()));
        let tables = self.tables.iter().map(Table::size);
        services.chain(functions).chain(memories).chain(globals).chain(tables).collect()
    }

    /// Every symbol of C that the embedder defines, without the `_` that Mach-O puts before, in the order of the
    /// imports.
    pub fn undefined(&self) -> Vec<String> {
        self.imports.iter().map(|import| import.symbol.clone()).collect()
    }
}

fn check_prefix(prefix: &str) -> Result<()> {
    let shown = escape(prefix);
    let refused = |reason: &str| {
        let help = "choose another one with --prefix NAME";
        Err(Error::new(ErrorKind::Unsupported, format!("the prefix `{shown}` {reason}")).advise("; ", help))
    };
    match prefix {
        _ if !names::is_identifier(prefix) => refused("isn't an identifier of C"),
        _ if is_of_system(prefix) => {
            refused("is that of functions of the system's libraries or of the runtime")
        }
        _ => Ok(()),
    }
}

/// What the names of a function and of the structure of its results end with.
fn function_endings(results: &[Value]) -> &'static [&'static str] {
    if results.len() > 1 { &["", "_results"] } else { &[""] }
}

/// What the names of an import, of its setter and of the structure of its results end with.
fn import_endings(results: &[Value]) -> &'static [&'static str] {
    if results.len() > 1 { &["", "_set", "_results"] } else { &["", "_set"] }
}

fn check_memory(module: &Module<'_>, memory: MemoryIndex, what: impl Fn() -> String) -> Result<()> {
    if module.memories[memory].shared {
        let message = format!("{} is shared: threads aren't supported in a library yet", what());
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    Ok(())
}

/// The types of parameters and results.
fn signature(
    module: &Module<'_>,
    func: FuncIndex,
    what: impl Fn() -> String,
) -> Result<(Vec<Value>, Vec<Value>)> {
    let ty = module.function_type(func);
    let values = |part: &str, types: &[ValType]| -> Result<Vec<Value>> {
        let values = types.iter().enumerate().map(|(place, ty)| {
            Value::of(*ty).ok_or_else(|| inexpressible(&format!("{part} {} of {}", place + 1, what()), *ty))
        });
        values.collect()
    };
    Ok((values("parameter", ty.params())?, values("result", ty.results())?))
}

/// The error for a value of a type that C can't express.
fn inexpressible(what: &str, ty: ValType) -> Error {
    let reason = match ty {
        ValType::Ref(RefType::FUNCREF) => "a reference to a function",
        ValType::Ref(ty) if ty.is_concrete_type_ref() => "a typed reference",
        _ => "a reference that only Wasm code can hold",
    };
    let message = format!("{what} is of the type {ty}, {reason}, which C can't express");
    Error::new(ErrorKind::Unsupported, message)
        .advise("; ", "of references, a library's functions can take and return `externref`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(text: &str, prefix: &str) -> Result<Interface> {
        let wasm = wat::parse_str(text).unwrap();
        let module = crate::parse::parse(&wasm, crate::parse::features::SUPPORTED).unwrap();
        let options = Options { prefix: prefix.to_owned(), many: false, handler: Handler::Signals };
        Interface::of(&module, options, |module, _| {
            (module == "wasi_snapshot_preview1").then_some(Provider::Runtime)
        })
    }

    fn refusal(text: &str) -> String {
        interface(text, "p").expect_err(text).to_string()
    }

    #[test]
    fn everything_that_a_module_can_have() {
        let text = r#"(module
            (import "env" "log" (func $log (param i32 i32)))
            (import "env" "log" (func (param i32 i32)))
            (import "env" "log" (func (param f32) (result v128)))
            (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
            (import "env" "heap" (memory 1))
            (func (export "_initialize"))
            (func (export "reset") (param f64 externref v128) (result i64))
            (func (export "two") (result i32 f64) (i32.const 0) (f64.const 0))
            (func (export "two_results") (call $log (i32.const 0) (i32.const 0)))
            (export "log" (func $log))
            (memory (export "memory") 1)
            (global (export "counter") (mut i64) (i64.const 0))
            (global (export "constant") i32 (i32.const 0))
            (table (export "table") 1 funcref)
            (tag (export "tag")))"#;
        let text = text.replace("(result i64))", "(result i64) (i64.const 0))");
        let interface = interface(&text, "p").unwrap();
        let symbols = "p_instantiate p_reset p_delete p_error_message p_backtrace p_exit_code p_handle_signal p_trap \
                       p_reset_2 p_two p_two_results_2 p_log p_memory_base p_memory_size p_memory_pointer \
                       p_env_heap_base p_env_heap_size p_env_heap_pointer p_counter_get p_counter_set \
                       p_constant_get p_table_size";
        assert_eq!(interface.symbols().join(" "), symbols);
        assert_eq!(interface.undefined(), ["p_import_env_log", "p_import_env_log_2"]);
        assert!(interface.wasi);
        let reset = &interface.functions[0];
        assert_eq!(reset.params, [Value::F64, Value::Extern, Value::V128]);
        assert_eq!(reset.returns(), Return::Pointer(Value::I64));
        assert_eq!(interface.functions[1].returns(), Return::Structure);
        assert_eq!(interface.imports[0].funcs.len(), 2);
        assert_eq!(interface.imports[1].returns(), Return::Pointer(Value::V128));
    }

    #[test]
    fn what_c_cannot_express_is_named() {
        for (text, words) in [
            (
                r#"(module (func (export "a\1b") (param i32 funcref)))"#,
                "parameter 2 of the exported function `a\\x1b`",
            ),
            (
                r#"(module (import "m" "f" (func (result anyref))))"#,
                "result 1 of the imported function `m.f`",
            ),
            (r#"(module (import "m" "t" (table 1 funcref)))"#, "the imported table `m.t`"),
            (r#"(module (import "m" "g" (global i32)))"#, "the imported global `m.g`"),
            (r#"(module (import "m" "e" (tag)))"#, "the imported tag `m.e`"),
            (r#"(module (import "m" "s" (memory 1 1 shared)))"#, "the imported memory `m.s` is shared"),
            (r#"(module (global (export "g") funcref (ref.null func)))"#, "the exported global `g`"),
        ] {
            let refusal = refusal(text);
            assert!(refusal.starts_with(words), "{refusal}");
        }
        let long = format!(r#"(module (func (export "{}")))"#, "-".repeat(300));
        assert!(refusal(&long).contains("a symbol of 1202 bytes"), "{}", refusal(&long));
    }

    #[test]
    fn prefixes() {
        for prefix in ["", "a-b", "7zip", "wasm_aot", "wasm_aot_x", "pthread", "\x1b"] {
            let error = interface("(module)", prefix).expect_err(prefix).to_string();
            assert!(error.contains("--prefix") && !error.contains('\x1b'), "{error}");
        }
        assert_eq!(interface("(module)", "_7zip").unwrap().symbols()[0], "_7zip_instantiate");
        let local = interface(r#"(module (func (export "local")))"#, "thread").unwrap();
        assert_eq!(local.functions[0].symbol, "thread_local_2");
    }

    #[test]
    fn equal_names_take_linear_time() {
        // All are `a_x2d...` once they are mangled.
        let name = |number: u32| -> String {
            (0..12).map(|bit| if number >> bit & 1 == 0 { "-" } else { "_x2d" }).collect()
        };
        let exports: String = (0..1 << 12).map(|n| format!("(export \"{}\" (func 0))", name(n))).collect();
        let interface = interface(&format!("(module (func) {exports})"), "p").unwrap();
        assert!(interface.functions.last().unwrap().symbol.ends_with("_4096"));
    }
}
