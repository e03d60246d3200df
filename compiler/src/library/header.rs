//! The header for C and C++. It is the same for every target, and its reader needs nothing else.

use wasm_aot_abi::library::LibraryError;
use wasm_aot_abi::trap::Trap;

use super::interface::{Function, Global, Import, Interface, Memory, Table};
use super::names::trap;
use super::template::{comment, fill};
use super::value::{Return, Value};

/// How instances come to be, of a library with one.
const MAKE_ONE: &str = "\
/* Makes the instance: its memories, tables and globals get their initial contents, and the module's start function and
   _initialize are called. `options` can be NULL. Until it has returned @P@_ok, all calls return @P@_not_instantiated. */
@P@_error @P@_instantiate(const @P@_options *options);
";

/// How instances come to be, of a library with many.
const MAKE_MANY: &str = "\
/* An instance of the module, with memories, tables and globals of its own. */
typedef struct @P@_instance @P@_instance;

/* Makes an instance: its memories, tables and globals get their initial contents, and the module's start function and
   _initialize are called. `options` can be NULL. If it fails, *instance is NULL. */
@P@_error @P@_new(const @P@_options *options, @P@_instance **instance);
";

/// The header of a library, `P.h`.
pub fn header(interface: &Interface) -> String {
    let header = Header { prefix: &interface.prefix, many: interface.many };
    let instance = format!("{}_instance *instance", interface.prefix);
    let followed = format!("{instance}, ");
    let handlers = format!("{0}_handle_signal, and on Windows {0}_handle_exception,", interface.prefix);
    // What differs between one instance and many.
    let only = |single: &'static str, many: &'static str| if interface.many { many } else { single };
    let make = fill(only(MAKE_ONE, MAKE_MANY), &[("P", &interface.prefix)]);
    let after_delete = format!(
        "; {}",
        only("it can be made again by instantiate.", "`instance` must not be used afterwards.")
    );
    fill(
        include_str!("header.txt"),
        &[
            ("P", &*interface.prefix),
            ("H", &handlers),
            ("I", if interface.many { &instance } else { "void" }),
            ("I,", if interface.many { &followed } else { "" }),
            ("instance,", only("", "instance, ")),
            ("of-instance", only("", " of this instance")),
            ("make", &make),
            (
                "reset-fails",
                only(
                    "there is no instance any more.",
                    "all that can be done with the instance is to delete it.",
                ),
            ),
            ("after-delete", &after_delete),
            ("errors", &header.errors()),
            ("traps", &header.traps()),
            (
                "imports",
                &section(
                    &fill(IMPORTS, &[("P", &interface.prefix)]),
                    interface.imports.iter().map(|import| header.import(import)),
                ),
            ),
            ("functions", &section("", interface.functions.iter().map(|function| header.function(function)))),
            ("memories", &section("", interface.memories.iter().map(|memory| header.memory(memory)))),
            ("globals", &section("", interface.globals.iter().map(|global| header.global(global)))),
            ("tables", &section("", interface.tables.iter().map(|table| header.table(table)))),
        ],
    )
}

/// What stands above the functions of the embedder.
const IMPORTS: &str = "
/* The functions that the module imports: the program defines them. They can call exports of the instance that calls them.
   They must return as functions do: C++ exceptions, Rust panics and longjmp must not leave them. A DLL can't refer to
   functions of the program: it has a function for each of them that is told where it is, before the first instance is
   made. Until then a call ends with @P@_trap_host. */
";

/// Declarations with a heading, if there are any.
fn section(heading: &str, declarations: impl Iterator<Item = String>) -> String {
    let text: String = declarations.collect();
    if text.is_empty() { text } else { format!("{heading}{text}") }
}

struct Header<'i> {
    prefix: &'i str,
    many: bool,
}

impl Header<'_> {
    fn errors(&self) -> String {
        let lines = LibraryError::ALL.iter().map(|error| {
            let (name, number, words) = (error.c_name(), *error as i32, error.message());
            format!("#define {}_{name} {number} /* {words} */", self.prefix)
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    fn traps(&self) -> String {
        let lines =
            Trap::ALL.iter().map(|&which| format!("#define {}_{} {}", self.prefix, trap(which), which as u8));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// A type of C with what is put before a name.
    fn ty(&self, value: Value) -> String {
        match value {
            Value::I32 => "int32_t ".to_owned(),
            Value::I64 => "int64_t ".to_owned(),
            Value::F32 => "float ".to_owned(),
            Value::F64 => "double ".to_owned(),
            Value::V128 => format!("{}_v128 ", self.prefix),
            Value::Extern => "void *".to_owned(),
        }
    }

    /// A parameter.
    fn param(&self, value: Value, name: &str) -> String {
        match value {
            Value::V128 => format!("const {}*{name}", self.ty(value)),
            _ => format!("{}{name}", self.ty(value)),
        }
    }

    /// The parameters of a function, in brackets.
    fn params(&self, symbol: &str, params: &[Value], returns: Return) -> String {
        let instance = self.many.then(|| format!("{}_instance *instance", self.prefix));
        let params = params.iter().enumerate().map(|(place, value)| self.param(*value, &format!("p{place}")));
        let result = match returns {
            Return::Nothing | Return::Direct(_) => None,
            Return::Pointer(value) => Some(format!("{}*result", self.ty(value))),
            Return::Structure => Some(format!("{symbol}_results *results")),
        };
        let all: Vec<String> = instance.into_iter().chain(params).chain(result).collect();
        if all.is_empty() { "(void)".to_owned() } else { format!("({})", all.join(", ")) }
    }

    /// The structure of several results, if there is one.
    fn results(&self, symbol: &str, results: &[Value], returns: Return) -> String {
        if returns != Return::Structure {
            return String::new();
        }
        let fields = results.iter().enumerate();
        let fields: String =
            fields.map(|(place, value)| format!("  {}r{place};\n", self.ty(*value))).collect();
        format!("typedef struct {symbol}_results {{\n{fields}}} {symbol}_results;\n")
    }

    fn import(&self, import: &Import) -> String {
        let (symbol, returns) = (&import.symbol, import.returns());
        let result = match returns {
            Return::Direct(value) => self.ty(value),
            _ => "void ".to_owned(),
        };
        let params = self.params(symbol, &import.params, returns);
        format!(
            "\n/* `{}` of `{}`. */\n{}{result}{symbol}{params};\n#ifdef _WIN32\nvoid {}({result}(*function){params});\n#endif\n",
            comment(&import.field),
            comment(&import.module),
            self.results(symbol, &import.results, returns),
            import.setter(),
        )
    }

    fn function(&self, function: &Function) -> String {
        let (symbol, returns) = (&function.symbol, function.returns());
        format!(
            "\n/* The function `{}`. */\n{}{}_error {symbol}{};\n",
            comment(&function.name),
            self.results(symbol, &function.results, returns),
            self.prefix,
            self.params(symbol, &function.params, returns),
        )
    }

    /// The parameters of a function that takes these besides the instance.
    fn with_instance(&self, others: &str) -> String {
        let instance = format!("{}_instance *instance", self.prefix);
        match (self.many, others) {
            (true, "") => instance,
            (true, _) => format!("{instance}, {others}"),
            (false, "") => "void".to_owned(),
            (false, _) => others.to_owned(),
        }
    }

    fn memory(&self, memory: &Memory) -> String {
        format!(
            "\n/* The memory `{}`: where it begins (NULL if there is no instance), how many bytes it has, and where `length` bytes\n   \
             at an address in it are: NULL if they aren't all inside. */\n\
             uint8_t *{}({});\nuint64_t {}({});\nvoid *{}({});\n",
            comment(&memory.name),
            memory.base(),
            self.with_instance(""),
            memory.size(),
            self.with_instance(""),
            memory.pointer(),
            self.with_instance("uint64_t address, uint64_t length"),
        )
    }

    fn global(&self, global: &Global) -> String {
        let kind = if global.mutable { "global" } else { "constant global" };
        let (result, get) = match global.value {
            Value::V128 => ("void ".to_owned(), format!("{}*value", self.ty(global.value))),
            value => (self.ty(value), String::new()),
        };
        let mut text = format!(
            "\n/* The {kind} `{}`. */\n{result}{}({});\n",
            comment(&global.name),
            global.get(),
            self.with_instance(&get),
        );
        if let Some(set) = global.set() {
            let value = self.param(global.value, "value");
            text += &format!("void {set}({});\n", self.with_instance(&value));
        }
        text
    }

    fn table(&self, table: &Table) -> String {
        format!(
            "\n/* How many elements the table `{}` has. */\nuint64_t {}({});\n",
            comment(&table.name),
            table.size(),
            self.with_instance(""),
        )
    }
}
