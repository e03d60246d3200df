//! The module for Rust: declarations of the C functions and safe wrappers. What makes them sound:
//!
//! - Calls take `&mut Exports` and memories are borrowed from it, so no slice outlives a call. `Exports` has no size that
//!   the compiler knows, so two of them can't be swapped behind such references.
//! - Imports are a trait whose methods take `&self`, since they can be called again while they run, and return an error to
//!   end the call: it is raised when nothing of theirs is left to be dropped. The functions that C calls find the imports
//!   in a variable of the thread, which each call sets: imports run on the thread that makes the call.
//! - What options point to belongs to the instance.
//! - The only instance of a library has one `Instance`, even if it can't be made anew and there is nothing behind it: that is
//!   claimed before C is asked. So nobody can make it while another thread reads the backtrace of one that failed.

use std::collections::HashSet;
use std::fmt::Write as _;

use wasm_aot_abi::library::LibraryError;
use wasm_aot_abi::trap::Trap;

use super::interface::{Function, Global, Import, Interface, Memory};
use super::names::{is_identifier, trap};
use super::template::{comment, fill};
use super::value::{Return, Value};

/// What Rust reserves in some edition, but allows in the form `r#type`.
const KEYWORDS: &str = " abstract as async await become box break const continue do dyn else enum extern false final fn for \
                        gen if impl in let loop macro match mod move mut override priv pub ref return static struct trait \
                        true try type typeof unsafe unsized use virtual where while yield ";

/// What Rust takes for no name in any form.
const RESERVED: [&str; 5] = ["_", "crate", "self", "Self", "super"];

/// The Rust module of a library, `P.rs`.
pub fn rust(interface: &Interface) -> String {
    let module = Module::new(interface);
    let prefix = &interface.prefix;
    let raw = format!("*mut {prefix}_instance");
    let many = |text: String| if interface.many { text } else { String::new() };
    let one = |text: &str| if interface.many { String::new() } else { text.to_owned() };
    let imports = |text: &str| if interface.imports.is_empty() { String::new() } else { text.to_owned() };
    let what = if interface.many {
        "An instance of the module, with memories, tables and globals of its own."
    } else {
        "The instance of the module. There is at most one at a time."
    };
    let only_one = if interface.many { "" } else { " Fails if there is another one." };
    fill(
        include_str!("rust.txt"),
        &[
            ("P", prefix),
            ("codes", &codes()),
            (", instance: raw", &many(format!(", instance: *mut raw::{prefix}_instance"))),
            ("instance: raw", &many(format!("instance: {raw}"))),
            ("instance: raw,", &many(format!("instance: {raw}, "))),
            ("*raw", &many(format!("*mut raw::{prefix}_instance"))),
            ("instance", &many("instance".to_owned())),
            ("instance,", &many("instance, ".to_owned())),
            (", exports.instance", &many(", exports.instance".to_owned())),
            ("self.instance", &many("self.exports.instance".to_owned())),
            ("no-instance", &many(NO_INSTANCE.to_owned())),
            ("imports", &module.imports()),
            ("or-an-import", &imports(" or by an import")),
            (", imports: impl", &imports(", imports: impl Imports + Send + 'static")),
            ("drop-imports", &imports("                    drop(Box::from_raw(imports));\n")),
            ("drop-own-imports", &imports("            drop(Box::from_raw(self.exports.imports));\n")),
            ("taken", &one(TAKEN)),
            ("take", &one(TAKE)),
            (
                "give-back",
                &one("                TAKEN.store(false, std::sync::atomic::Ordering::Release);\n"),
            ),
            ("give-back-own", &one("        TAKEN.store(false, std::sync::atomic::Ordering::Release);\n")),
            ("fields", &module.fields()),
            ("exports", if interface.many || !interface.imports.is_empty() { "exports" } else { "_" }),
            ("call", &module.call()),
            ("functions", &module.methods()),
            ("what", what),
            ("only-one", only_one),
            ("new", &module.new_instance()),
            ("raw-types", &module.raw_types()),
            ("make", &module.make()),
            ("raw-functions", &module.raw_functions()),
        ],
    )
}

/// An instance that couldn't be made has nothing to say.
const NO_INSTANCE: &str =
    "        let (is_trap, is_exit) = (is_trap && !instance.is_null(), is_exit && !instance.is_null());\n";

/// Whether there is an `Instance`.
const TAKEN: &str = "\
/// Whether there is an `Instance`, or one is being made.
static TAKEN: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

";

/// Claims that there is none.
const TAKE: &str = "        if TAKEN.swap(true, std::sync::atomic::Ordering::Acquire) {
            return Err(Trap { code: Trap::ALREADY_INSTANTIATED, exit_code: None, backtrace: String::new() });
        }
";

/// What stands before the functions that C calls, if there are imports. `{fields}` are those of `Exports`.
const IMPORTS: &str = r#"
/// What an import returns to end the innermost call of an export, which then returns the error `Trap::HOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndCall;

/// What the module imports: functions that the program provides. They can call exports of the instance that calls them, even
/// those that call them again. If one panics, the process ends with a message.
#[allow(non_snake_case, clippy::all)]
pub trait Imports {
@methods@}

thread_local! {
    /// The imports of the instance in which this thread is.
    static IMPORTS: std::cell::Cell<Option<*mut (dyn Imports + Send)>> = const { std::cell::Cell::new(None) };
}

/// Calls an import.
///
/// # Safety
/// Wasm code has called it, in this instance.
unsafe fn import<T>(
@param@    function: impl FnOnce(&dyn Imports, &mut Exports) -> Result<T, EndCall>,
) -> Result<T, EndCall> {
    // There are none if the export was called from C.
    let imports = IMPORTS.get().ok_or(EndCall)?;
    let mut exports = Exports { @instance@imports, _tail: [] };
    // SAFETY: the instance that has called is borrowed, and owns the imports.
    function(unsafe { &*imports }, &mut exports)
}
@functions@"#;

/// The numbers of errors as constants of `Trap`.
fn codes() -> String {
    let traps = Trap::ALL.iter().map(|&which| (trap(which), i32::from(which as u8), which.message()));
    let errors =
        LibraryError::ALL.iter().map(|error| (error.c_name().to_owned(), *error as i32, error.message()));
    let mut text = String::new();
    for (name, number, words) in traps.chain(errors) {
        let name = name.strip_prefix("trap_").unwrap_or(&name).to_ascii_uppercase();
        let _ = writeln!(text, "    /// {words}\n    pub const {name}: i32 = {number};");
    }
    text.trim_end().to_owned()
}

/// The type of a value as users see it.
fn ty(value: Value) -> &'static str {
    match value {
        Value::I32 => "i32",
        Value::I64 => "i64",
        Value::F32 => "f32",
        Value::F64 => "f64",
        Value::V128 => "V128",
        Value::Extern => "*mut std::ffi::c_void",
    }
}

/// What a result is before a call.
fn zero(value: Value) -> &'static str {
    match value {
        Value::I32 => "0i32",
        Value::I64 => "0i64",
        Value::F32 => "0f32",
        Value::F64 => "0f64",
        Value::V128 => "V128([0; 16])",
        Value::Extern => "std::ptr::null_mut()",
    }
}

/// The type of all results.
fn results_type(results: &[Value]) -> String {
    match results {
        [value] => ty(*value).to_owned(),
        _ => format!("({})", list(results.iter().map(|value| ty(*value)))),
    }
}

fn list<T: std::fmt::Display>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// `p0: i32, p1: f64`, each with a comma before it.
fn params(params: &[Value]) -> String {
    params.iter().enumerate().map(|(place, value)| format!(", p{place}: {}", ty(*value))).collect()
}

/// The names of methods. They are those in C without the prefix. One that is no name in Rust is the whole name in C; one that
/// is taken gets a `_`.
struct Methods(HashSet<String>);

impl Methods {
    fn take(&mut self, name: &str, symbol: &str) -> String {
        let fits = is_identifier(name) && !RESERVED.contains(&name);
        let mut method = if fits { name } else { symbol }.to_owned();
        while !self.0.insert(method.clone()) {
            method.push('_');
        }
        if KEYWORDS.contains(&format!(" {method} ")) { format!("r#{method}") } else { method }
    }
}

struct Module<'i> {
    interface: &'i Interface,
}

impl<'i> Module<'i> {
    fn new(interface: &'i Interface) -> Module<'i> {
        Module { interface }
    }

    fn many(&self) -> bool {
        self.interface.many
    }

    /// A symbol without the prefix.
    fn without_prefix<'s>(&self, symbol: &'s str) -> &'s str {
        &symbol[self.interface.prefix.len() + 1..]
    }

    /// `instance, p0, &p1, &mut result` of a call of a C function.
    fn arguments(&self, params: &[Value], last: Option<&str>) -> String {
        let instance = self.many().then(|| "instance".to_owned());
        let params = params.iter().enumerate().map(|(place, value)| match value {
            Value::V128 => format!("&p{place}"),
            _ => format!("p{place}"),
        });
        list(instance.into_iter().chain(params).chain(last.map(str::to_owned)))
    }

    /// The parameters of a C function as Rust declares it in `raw` or, behind `raw::`, outside.
    fn raw_params(&self, path: &str, symbol: &str, params: &[Value], returns: Return) -> String {
        let instance =
            self.many().then(|| format!("instance: *mut {path}{}_instance", self.interface.prefix));
        let params = params.iter().enumerate().map(|(place, value)| match value {
            Value::V128 => format!("p{place}: *const V128"),
            value => format!("p{place}: {}", ty(*value)),
        });
        let last = match returns {
            Return::Nothing | Return::Direct(_) => None,
            Return::Pointer(value) => Some(format!("result: *mut {}", ty(value))),
            Return::Structure => Some(format!("results: *mut {path}{symbol}_results")),
        };
        list(instance.into_iter().chain(params).chain(last))
    }

    fn fields(&self) -> String {
        let mut lines = Vec::new();
        if self.many() {
            lines.push(format!("    instance: *mut raw::{}_instance,", self.interface.prefix));
        }
        if !self.interface.imports.is_empty() {
            lines.push("    imports: *mut (dyn Imports + Send),".to_owned());
        }
        if lines.is_empty() {
            // No thread shares it with another.
            lines.push("    _unshared: std::marker::PhantomData<*mut ()>,".to_owned());
        }
        lines.join("\n")
    }

    fn call(&self) -> String {
        let call = if self.many() { "function(exports.instance)" } else { "function()" };
        if self.interface.imports.is_empty() {
            return format!("    let code = {call};");
        }
        format!(
            "    let outer = IMPORTS.replace(Some(exports.imports));\n    let code = {call};\n    IMPORTS.set(outer);"
        )
    }

    /// Makes `exports`, and `made`: whether there is an instance.
    fn new_instance(&self) -> String {
        let prefix = &self.interface.prefix;
        let has_imports = !self.interface.imports.is_empty();
        let mut text = String::new();
        if has_imports {
            text += "        let imports: *mut (dyn Imports + Send) = Box::into_raw(Box::new(imports));\n";
        }
        let instance = if self.many() { "instance: std::ptr::null_mut(), " } else { "" };
        let imports = match (self.many(), has_imports) {
            (_, true) => "imports, ",
            (true, false) => "",
            (false, false) => "_unshared: std::marker::PhantomData, ",
        };
        let _ = writeln!(text, "        let mut exports = Exports {{ {instance}{imports}_tail: [] }};");
        if self.many() {
            text += "        let mut instance = std::ptr::null_mut();\n";
        }
        text += "        // SAFETY: the callbacks last until the instance is dropped.\n";
        if self.many() {
            text += "        let made =\n            ";
            let _ = writeln!(
                text,
                "call(&mut exports, |_| unsafe {{ raw::{prefix}_new(&(*given).options, &mut instance) }});"
            );
            text += "        exports.instance = instance;\n";
        } else {
            let _ = writeln!(
                text,
                "        let made = call(&mut exports, || unsafe {{ raw::{prefix}_instantiate(&(*given).options) }});"
            );
        }
        text
    }

    fn imports(&self) -> String {
        if self.interface.imports.is_empty() {
            return String::new();
        }
        let mut names = Methods(HashSet::new());
        let (mut methods, mut functions) = (String::new(), String::new());
        for import in &self.interface.imports {
            let name = self.without_prefix(&import.symbol);
            let name = name.strip_prefix("import_").unwrap_or(name);
            let method = names.take(name, &import.symbol);
            let _ = writeln!(
                methods,
                "    /// `{}` of `{}`.\n    fn {method}(&self, exports: &mut Exports{}) -> Result<{}, EndCall>;",
                comment(&import.field),
                comment(&import.module),
                params(&import.params),
                results_type(&import.results)
            );
            functions += &self.import(import, &method);
        }
        let param = format!("    instance: *mut raw::{}_instance,\n", self.interface.prefix);
        fill(
            IMPORTS,
            &[
                ("methods", &methods),
                ("functions", &functions),
                ("param", if self.many() { &param } else { "" }),
                ("instance", if self.many() { "instance, " } else { "" }),
            ],
        )
    }

    /// The function that C calls.
    fn import(&self, import: &Import, method: &str) -> String {
        let (symbol, returns) = (&import.symbol, import.returns());
        let result = match returns {
            Return::Direct(value) => format!(" -> {}", ty(value)),
            _ => String::new(),
        };
        let places = || 0..import.results.len();
        let done = match returns {
            Return::Nothing => "Ok(()) => {}".to_owned(),
            Return::Direct(_) => "Ok(value) => value,".to_owned(),
            Return::Pointer(_) => "Ok(value) => *result = value,".to_owned(),
            Return::Structure => {
                let names = list(places().map(|place| format!("r{place}")));
                format!("Ok(({names})) => *results = raw::{symbol}_results {{ {names} }},")
            }
        };
        let (instance, first) = if self.many() { ("instance", "instance, ") } else { ("", "") };
        let arguments: String = import
            .params
            .iter()
            .enumerate()
            .map(|(place, value)| match value {
                Value::V128 => format!(", *p{place}"),
                _ => format!(", p{place}"),
            })
            .collect();
        format!(
            r#"
#[allow(non_snake_case, clippy::all)]
#[unsafe(no_mangle)]
unsafe extern "C" fn {symbol}({}){result} {{
    // SAFETY: the library calls it, with parameters of these types. At the end nothing is left to be dropped.
    unsafe {{
        match import({first}|imports, exports| imports.{method}(exports{arguments})) {{
            {done}
            Err(EndCall) => raw::{}_trap({instance}),
        }}
    }}
}}
"#,
            self.raw_params("raw::", symbol, &import.params, returns),
            self.interface.prefix,
        )
    }

    /// The methods of `Exports`.
    fn methods(&self) -> String {
        let mut names = Methods(["new", "reset"].map(str::to_owned).into());
        let mut text = String::new();
        for function in &self.interface.functions {
            let method = names.take(self.without_prefix(&function.symbol), &function.symbol);
            text += &self.function(function, &method);
        }
        for memory in &self.interface.memories {
            let method = names.take(self.without_prefix(&memory.symbol), &memory.symbol);
            let method_mut =
                names.take(&format!("{}_mut", self.without_prefix(&memory.symbol)), &memory.symbol);
            text += &self.memory(memory, &method, &method_mut);
        }
        for global in &self.interface.globals {
            let method = names.take(self.without_prefix(&global.symbol), &global.symbol);
            let setter = format!("set_{}", self.without_prefix(&global.symbol));
            let setter = global.mutable.then(|| names.take(&setter, &global.symbol));
            text += &self.global(global, &method, setter.as_deref());
        }
        for table in &self.interface.tables {
            let method = names.take(&format!("{}_size", self.without_prefix(&table.symbol)), &table.symbol);
            let _ = writeln!(
                text,
                "\n    /// How many elements the table `{}` has.\n    pub fn {method}(&self) -> u64 {{\n        \
                 // SAFETY: the instance is borrowed.\n        unsafe {{ raw::{}({}) }}\n    }}",
                comment(&table.name),
                table.size(),
                self.own_instance(),
            );
        }
        text.trim_start_matches('\n').to_owned()
    }

    /// The instance as an argument in a method of `Exports`.
    fn own_instance(&self) -> &'static str {
        if self.many() { "self.instance" } else { "" }
    }

    fn function(&self, function: &Function, method: &str) -> String {
        let (symbol, returns) = (&function.symbol, function.returns());
        let zeroes = || {
            let fields = function.results.iter().enumerate();
            list(fields.map(|(place, value)| format!("r{place}: {}", zero(*value))))
        };
        let (before, last, after) = match returns {
            Return::Nothing | Return::Direct(_) => (String::new(), None, "()".to_owned()),
            Return::Pointer(value) => (
                format!("        let mut result = {};\n", zero(value)),
                Some("&mut result"),
                "result".to_owned(),
            ),
            Return::Structure => (
                format!("        let mut results = raw::{symbol}_results {{ {} }};\n", zeroes()),
                Some("&mut results"),
                format!("({})", list((0..function.results.len()).map(|place| format!("results.r{place}")))),
            ),
        };
        format!(
            "\n    /// The function `{}`.\n    pub fn {method}(&mut self{}) -> Result<{}, Trap> {{\n{before}        \
             // SAFETY: these are the types of its parameters and results.\n        \
             call(self, |{}| unsafe {{ raw::{symbol}({}) }})?;\n        Ok({after})\n    }}\n",
            comment(&function.name),
            params(&function.params),
            results_type(&function.results),
            if self.many() { "instance" } else { "" },
            self.arguments(&function.params, last),
        )
    }

    fn memory(&self, memory: &Memory, method: &str, method_mut: &str) -> String {
        let (name, instance) = (comment(&memory.name), self.own_instance());
        let body = format!(
            "        // SAFETY: the instance is borrowed as long as the bytes are.\n        \
             unsafe {{ memory(raw::{}({instance}), raw::{}({instance})) }}\n    }}\n",
            memory.base(),
            memory.size()
        );
        format!(
            "\n    /// The bytes of the memory `{name}`.\n    pub fn {method}(&self) -> &[u8] {{\n{body}\n    \
             /// The bytes of the memory `{name}`, to be written.\n    pub fn {method_mut}(&mut self) -> &mut [u8] {{\n{body}"
        )
    }

    fn global(&self, global: &Global, method: &str, setter: Option<&str>) -> String {
        let (name, ty) = (comment(&global.name), ty(global.value));
        let vector = global.value == Value::V128;
        let arguments =
            |last: Option<&str>| list(self.many().then_some(self.own_instance()).into_iter().chain(last));
        let get = global.get();
        let mut text =
            format!("\n    /// The value of the global `{name}`.\n    pub fn {method}(&self) -> {ty} {{\n");
        if vector {
            let _ = write!(
                text,
                "        let mut value = V128::default();\n        // SAFETY: the instance is borrowed.\n        \
                 unsafe {{ raw::{get}({}) }};\n        value\n    }}\n",
                arguments(Some("&mut value"))
            );
        } else {
            let _ = write!(
                text,
                "        // SAFETY: the instance is borrowed.\n        unsafe {{ raw::{get}({}) }}\n    }}\n",
                arguments(None)
            );
        }
        if let (Some(setter), Some(set)) = (setter, global.set()) {
            let _ = write!(
                text,
                "\n    /// Changes the value of the global `{name}`.\n    pub fn {setter}(&mut self, value: {ty}) {{\n        \
                 // SAFETY: the instance is borrowed.\n        unsafe {{ raw::{set}({}) }}\n    }}\n",
                arguments(Some(if vector { "&value" } else { "value" }))
            );
        }
        text
    }

    /// How instances come to be, in C.
    fn make(&self) -> String {
        if self.many() {
            format!(
                "new(options: *const Options, instance: *mut *mut {}_instance) -> i32",
                self.interface.prefix
            )
        } else {
            "instantiate(options: *const Options) -> i32".to_owned()
        }
    }

    /// The structures of C.
    fn raw_types(&self) -> String {
        let mut text = String::new();
        if self.many() {
            let _ = writeln!(
                text,
                "    #[repr(C)]\n    pub struct {}_instance {{\n        _opaque: [u8; 0],\n    }}\n",
                self.interface.prefix
            );
        }
        let functions = self.interface.functions.iter().map(|f| (&f.symbol, &f.results, f.returns()));
        let imports = self.interface.imports.iter().map(|i| (&i.symbol, &i.results, i.returns()));
        for (symbol, results, returns) in functions.chain(imports) {
            if returns == Return::Structure {
                let fields = results.iter().enumerate();
                let fields: String =
                    fields.map(|(place, value)| format!("        pub r{place}: {},\n", ty(*value))).collect();
                let _ =
                    writeln!(text, "    #[repr(C)]\n    pub struct {symbol}_results {{\n{fields}    }}\n");
            }
        }
        text
    }

    /// The functions that the module brings, in C.
    fn raw_functions(&self) -> String {
        let mut text = String::new();
        let mut declare = |symbol: &str, params: &str, result: &str| {
            let _ = writeln!(text, "        pub fn {symbol}({params}){result};");
        };
        let instance = |others: &str| {
            let instance = self.many().then(|| format!("instance: *mut {}_instance", self.interface.prefix));
            list(instance.into_iter().chain((!others.is_empty()).then(|| others.to_owned())))
        };
        for function in &self.interface.functions {
            let params = self.raw_params("", &function.symbol, &function.params, function.returns());
            declare(&function.symbol, &params, " -> i32");
        }
        for memory in &self.interface.memories {
            declare(&memory.base(), &instance(""), " -> *mut u8");
            declare(&memory.size(), &instance(""), " -> u64");
        }
        for global in &self.interface.globals {
            let ty = ty(global.value);
            match global.value {
                Value::V128 => declare(&global.get(), &instance("value: *mut V128"), ""),
                _ => declare(&global.get(), &instance(""), &format!(" -> {ty}")),
            }
            if let Some(set) = global.set() {
                let value =
                    if global.value == Value::V128 { "value: *const V128" } else { &format!("value: {ty}") };
                declare(&set, &instance(value), "");
            }
        }
        for table in &self.interface.tables {
            declare(&table.size(), &instance(""), " -> u64");
        }
        text
    }
}
