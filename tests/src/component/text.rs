//! Types and values in the text format of components and of `.wast` files.

use super::abi::{Type, Value};
use super::pair::Function;

/// The types of a function, of which those that the component model wants to be exported have names.
pub struct Types {
    /// Definitions, in the order in which they refer to each other.
    definitions: Vec<String>,
    parameters: Vec<String>,
    result: Option<String>,
}

impl Types {
    pub fn new(function: &Function) -> Types {
        let mut types = Types { definitions: Vec::new(), parameters: Vec::new(), result: None };
        for (ty, _) in &function.parameters {
            let name = types.name(ty);
            types.parameters.push(name);
        }
        types.result = function.result.as_ref().map(|(ty, _)| types.name(ty));
        types
    }

    /// How a type is referred to.
    fn name(&mut self, ty: &Type) -> String {
        let definition = match ty {
            Type::Bool => return "bool".to_owned(),
            Type::Integer(signed, width) => {
                return format!("{}{}", if *signed { "s" } else { "u" }, 8 * width);
            }
            Type::F32 => return "f32".to_owned(),
            Type::F64 => return "f64".to_owned(),
            Type::Char => return "char".to_owned(),
            Type::String => return "string".to_owned(),
            Type::List(element) => return format!("(list {})", self.name(element)),
            Type::Tuple(fields) => {
                let fields: String = fields.iter().map(|field| format!(" {}", self.name(field))).collect();
                return format!("(tuple{fields})");
            }
            Type::Option(payload) => return format!("(option {})", self.name(payload)),
            Type::Result(ok, error) => {
                let ok = ok.as_ref().map(|ty| format!(" {}", self.name(ty))).unwrap_or_default();
                let error =
                    error.as_ref().map(|ty| format!(" (error {})", self.name(ty))).unwrap_or_default();
                return format!("(result{ok}{error})");
            }
            Type::Record(fields) => {
                let field = |(index, ty)| format!(" (field \"{}\" {})", label(index), self.name(ty));
                format!("(record{})", (0..).zip(fields).map(field).collect::<String>())
            }
            Type::Variant(cases) => {
                let case = |(index, ty): (u32, &Option<Type>)| {
                    let payload = ty.as_ref().map(|ty| format!(" {}", self.name(ty))).unwrap_or_default();
                    format!(" (case \"{}\"{payload})", label(index))
                };
                format!("(variant{})", (0..).zip(cases).map(case).collect::<String>())
            }
            Type::Enum(count) => format!("(enum{})", labels(0..*count)),
            Type::Flags(count) => format!("(flags{})", labels(0..*count)),
        };
        let index = self.definitions.iter().position(|other| *other == definition);
        let index = index.unwrap_or_else(|| {
            self.definitions.push(definition);
            self.definitions.len() - 1
        });
        format!("$t{index}")
    }

    /// The definitions in a component that exports the function.
    pub fn exported(&self) -> String {
        let define = |(index, definition)| {
            format!("  (type $d{index} {definition}) (export $t{index} \"t{index}\" (type $d{index}))\n")
        };
        self.definitions.iter().enumerate().map(define).collect()
    }

    /// The definitions in the type of an instance that exports the function.
    pub fn imported(&self) -> String {
        let define = |(index, definition)| {
            format!(
                "      (type $d{index} {definition}) (export \"t{index}\" (type $t{index} (eq $d{index})))\n"
            )
        };
        self.definitions.iter().enumerate().map(define).collect()
    }

    /// Parameters and result.
    pub fn signature(&self) -> String {
        let parameter = |(index, name)| format!(" (param \"p{index}\" {name})");
        let parameters: String = self.parameters.iter().enumerate().map(parameter).collect();
        let result = self.result.as_ref().map(|name| format!(" (result {name})"));
        parameters + &result.unwrap_or_default()
    }
}

/// The name of a field, a case or a flag.
fn label(index: u32) -> String {
    format!("l{index}")
}

fn labels(indices: impl Iterator<Item = u32>) -> String {
    indices.map(|index| format!(" \"{}\"", label(index))).collect()
}

/// A value as an argument or a result of `invoke`.
pub fn constant(ty: &Type, value: &Value) -> String {
    let payload = |ty: Option<&Type>, value: &Option<Box<Value>>| match (ty, value) {
        (Some(ty), Some(value)) => format!(" {}", constant(ty, value)),
        _ => String::new(),
    };
    match (ty, value) {
        (Type::Bool, Value::Bool(value)) => format!("(bool.const {value})"),
        (Type::Integer(signed, width), Value::Integer(value)) => {
            format!("({}{}.const {value})", if *signed { "s" } else { "u" }, 8 * width)
        }
        (Type::F32, Value::F32(number)) => format!("(f32.const {})", float(f64::from(*number))),
        (Type::F64, Value::F64(number)) => format!("(f64.const {})", float(*number)),
        (Type::Char, Value::Char(value)) => format!("(char.const \"{}\")", quoted(&value.to_string())),
        (Type::String, Value::String(text)) => format!("(str.const \"{}\")", quoted(text)),
        (Type::List(element), Value::List(values)) => {
            let elements = values.iter().map(|value| format!(" {}", constant(element, value)));
            format!("(list.const{})", elements.collect::<String>())
        }
        (Type::Tuple(types), Value::Fields(values)) => {
            let fields = types.iter().zip(values).map(|(ty, value)| format!(" {}", constant(ty, value)));
            format!("(tuple.const{})", fields.collect::<String>())
        }
        (Type::Record(types), Value::Fields(values)) => {
            let field = |(index, (ty, value)): (u32, (&Type, &Value))| {
                // The format has no parentheses around the value of a field.
                let value = constant(ty, value);
                format!(
                    " (field \"{}\" {}",
                    label(index),
                    value.strip_prefix('(').expect("it is in parentheses")
                )
            };
            format!("(record.const{})", (0..).zip(types.iter().zip(values)).map(field).collect::<String>())
        }
        (Type::Variant(cases), Value::Case(case, value)) => {
            let payload = payload(cases[*case as usize].as_ref(), value);
            format!("(variant.const \"{}\"{payload})", label(*case))
        }
        (Type::Enum(_), Value::Case(case, _)) => format!("(enum.const \"{}\")", label(*case)),
        (Type::Option(_), Value::Case(0, _)) => "(option.none)".to_owned(),
        (Type::Option(ty), Value::Case(_, value)) => format!("(option.some{})", payload(Some(ty), value)),
        (Type::Result(ok, _), Value::Case(0, value)) => {
            format!("(result.ok{})", payload(ok.as_deref(), value))
        }
        (Type::Result(_, error), Value::Case(_, value)) => {
            format!("(result.err{})", payload(error.as_deref(), value))
        }
        (Type::Flags(count), Value::Flags(bits)) => {
            format!("(flags.const{})", labels((0..*count).filter(|index| bits >> index & 1 == 1)))
        }
        _ => panic!("{value:?} is not of type {ty:?}"),
    }
}

fn float(number: f64) -> String {
    match number {
        _ if number.is_nan() => "nan".to_owned(),
        _ if number.is_infinite() => if number > 0.0 { "inf" } else { "-inf" }.to_owned(),
        // The value of an f32 is printed exactly, so that it is read back exactly.
        _ => format!("{number}"),
    }
}

fn quoted(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{{{:x}}}", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}
