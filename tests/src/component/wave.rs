//! Values in WAVE, as `--invoke` takes arguments and results are printed.

use wast::component::WastVal;

fn list(values: &[WastVal<'_>]) -> String {
    values.iter().map(value).collect::<Vec<String>>().join(", ")
}

/// A value, in the form in which it is printed.
pub fn value(value: &WastVal<'_>) -> String {
    match value {
        WastVal::Bool(value) => value.to_string(),
        WastVal::U8(value) => value.to_string(),
        WastVal::S8(value) => value.to_string(),
        WastVal::U16(value) => value.to_string(),
        WastVal::S16(value) => value.to_string(),
        WastVal::U32(value) => value.to_string(),
        WastVal::S32(value) => value.to_string(),
        WastVal::U64(value) => value.to_string(),
        WastVal::S64(value) => value.to_string(),
        WastVal::F32(number) => float(f32::from_bits(number.bits)),
        WastVal::F64(number) => float(f64::from_bits(number.bits)),
        WastVal::Char(value) => format!("'{}'", escaped(*value)),
        WastVal::String(text) => format!("\"{}\"", text.chars().map(escaped).collect::<String>()),
        WastVal::List(values) => format!("[{}]", list(values)),
        WastVal::Tuple(values) => format!("({})", list(values)),
        WastVal::Map(entries) => {
            let entries = entries
                .iter()
                .map(|(key, of_key)| format!("({}, {})", self::value(key), self::value(of_key)));
            format!("[{}]", entries.collect::<Vec<String>>().join(", "))
        }
        WastVal::Record(fields) => {
            let fields = fields.iter().map(|(name, of_field)| format!("{name}: {}", self::value(of_field)));
            format!("{{{}}}", fields.collect::<Vec<String>>().join(", "))
        }
        WastVal::Variant(name, payload) => case(name, payload.as_deref()),
        WastVal::Enum(name) => (*name).to_owned(),
        WastVal::Option(None) => "none".to_owned(),
        WastVal::Option(payload) => case("some", payload.as_deref()),
        WastVal::Result(Ok(payload)) => case("ok", payload.as_deref()),
        WastVal::Result(Err(payload)) => case("err", payload.as_deref()),
        WastVal::Flags(names) => format!("{{{}}}", names.join(", ")),
    }
}

fn case(name: &str, payload: Option<&WastVal<'_>>) -> String {
    match payload {
        Some(payload) => format!("{name}({})", value(payload)),
        None => name.to_owned(),
    }
}

fn float(number: impl Into<f64> + std::fmt::Display + Copy) -> String {
    let wide: f64 = number.into();
    if wide.is_nan() { "nan".to_owned() } else { number.to_string() }
}

fn escaped(c: char) -> String {
    match c {
        '\\' | '\'' | '"' => format!("\\{c}"),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        '\n' => "\\n".to_owned(),
        // No argument of a program may have zeros.
        c if c.is_control() => format!("\\u{{{:x}}}", u32::from(c)),
        c => c.to_string(),
    }
}

/// A text without escapes by number, which printers use for more or fewer characters.
pub fn without_numbers(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u{") {
        let Some((digits, after)) = after.split_once('}') else { break };
        let Some(c) = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) else { break };
        plain.push_str(before);
        plain.push(c);
        rest = after;
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_wasmtime_does() {
        let fields =
            vec![("a", WastVal::Option(None)), ("b", WastVal::List(vec![WastVal::S8(-1), WastVal::S8(2)]))];
        let all = vec![WastVal::String("it's"), WastVal::Record(fields), WastVal::Flags(vec!["x", "y"])];
        assert_eq!(value(&WastVal::Tuple(all)), r#"("it\'s", {a: none, b: [-1, 2]}, {x, y})"#);
    }

    #[test]
    fn escapes_by_number_are_taken_back() {
        assert_eq!(without_numbers("a\\u{0}b\\u{1f600}\\n"), "a\0b😀\\n");
    }
}
