//! The forms that the values of settings take in the policy file and as values of flags.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::num::{NonZero, ParseIntError};
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Error, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::quantity::{self, print_duration, print_size};
use crate::escape::is_hidden;

/// A form of values.
pub trait Form {
    /// The type of the value in a policy.
    type Value: Clone + Debug + Default + PartialEq;
    /// The type of the value in the policy file.
    type File: DeserializeOwned;
    /// Whether the flag can be given more than once.
    const REPEATED: bool = false;
    /// Whether the flag's values are checked when the command line is read.
    const CHECKED: bool = false;

    /// The value in a policy that doesn't mention the setting.
    fn initial() -> Self::Value {
        Self::Value::default()
    }

    /// Converts the value from a policy file in this folder.
    ///
    /// # Errors
    /// If it contradicts itself, or names files that can't be read.
    fn read(file: Self::File, folder: &Path, value: &mut Self::Value) -> Result<()>;

    /// Adds the values of the flag (none if it takes no value) to what the policy file says, or replaces that by
    /// them.
    ///
    /// # Errors
    /// If they don't have the right form.
    fn add(values: &[String], value: &mut Self::Value) -> Result<()> {
        _ = (values, value);
        Ok(())
    }

    /// The policy file's notation for the value.
    fn print(value: &Self::Value) -> Printed;
}

/// A value in a policy file.
pub enum Printed {
    /// There is no value.
    Nothing,
    /// A value after the key and `=`.
    Inline(String),
    /// Lines in a table with the key's name.
    Table(String),
}

impl Printed {
    /// A table of these values.
    pub fn table(values: impl IntoIterator<Item = (&'static str, Printed)>) -> Printed {
        let lines = values.into_iter().filter_map(|(key, value)| match value {
            Printed::Inline(value) => Some(format!("{key} = {value}\n")),
            _ => None,
        });
        Printed::Table(lines.collect())
    }
}

/// A basic string of TOML, on one line.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_hidden(c) => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// Strings of the policy file that have a form of their own, with the functions that parse them, so that
/// errors name the place.
macro_rules! strings {
    ($($(#[$attribute:meta])* $name:ident: $value:ty = $read:expr;)*) => {$(
        $(#[$attribute])*
        pub struct $name(pub $value);

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                let read: fn(String) -> Result<$value, String> = $read;
                read(text).map($name).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

pub(super) use strings;

strings! {
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    Plain: String = without_nul;
}

pub fn without_nul(text: String) -> Result<String, String> {
    if text.contains('\0') { Err("a string can't have a NUL character".to_owned()) } else { Ok(text) }
}

/// On or off; a flag only turns it on.
pub struct Switch;

impl Form for Switch {
    type Value = bool;
    type File = bool;

    fn read(file: bool, _: &Path, value: &mut bool) -> Result<()> {
        *value = file;
        Ok(())
    }

    fn add(_: &[String], value: &mut bool) -> Result<()> {
        *value = true;
        Ok(())
    }

    fn print(value: &bool) -> Printed {
        Printed::Inline(value.to_string())
    }
}

/// The same, printed only if it is on.
pub struct QuietSwitch;

impl Form for QuietSwitch {
    type Value = bool;
    type File = bool;

    fn read(file: bool, folder: &Path, value: &mut bool) -> Result<()> {
        Switch::read(file, folder, value)
    }

    fn add(values: &[String], value: &mut bool) -> Result<()> {
        Switch::add(values, value)
    }

    fn print(value: &bool) -> Printed {
        if *value { Switch::print(value) } else { Printed::Nothing }
    }
}

/// Whether the policy is locked: the policy file says the opposite, whether overriding is allowed.
pub struct Overridable;

impl Form for Overridable {
    type Value = bool;
    type File = bool;

    fn read(file: bool, _: &Path, locked: &mut bool) -> Result<()> {
        *locked = !file;
        Ok(())
    }

    fn add(values: &[String], locked: &mut bool) -> Result<()> {
        Switch::add(values, locked)
    }

    fn print(locked: &bool) -> Printed {
        Switch::print(&!locked)
    }
}

/// A string, or none.
pub struct Text;

impl Form for Text {
    type Value = Option<String>;
    type File = Plain;

    fn read(Plain(text): Plain, _: &Path, value: &mut Option<String>) -> Result<()> {
        *value = Some(text);
        Ok(())
    }

    fn add(values: &[String], value: &mut Option<String>) -> Result<()> {
        *value = values.last().cloned().or(value.take());
        Ok(())
    }

    fn print(value: &Option<String>) -> Printed {
        value.as_ref().map_or(Printed::Nothing, |text| Printed::Inline(quoted(text)))
    }
}

/// A kind of number.
pub trait Number {
    /// The type of the value in the policy file.
    type File: DeserializeOwned + Into<u64>;

    /// # Errors
    /// If the value isn't a number of this kind.
    fn parse(text: &str) -> Result<u64, String>;

    /// The number in the policy file's notation.
    fn print(number: u64) -> String;
}

/// A number that is a string in the policy file.
pub struct Spelled<N> {
    number: u64,
    kind: PhantomData<N>,
}

impl<'de, N: Number> Deserialize<'de> for Spelled<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = N::parse(&text).map_err(serde::de::Error::custom)?;
        Ok(Spelled { number, kind: PhantomData })
    }
}

impl<N> From<Spelled<N>> for u64 {
    fn from(spelled: Spelled<N>) -> u64 {
        spelled.number
    }
}

/// Kinds of numbers: their type in the policy file, and how they are parsed and printed.
macro_rules! numbers {
    ($( $(#[$attribute:meta])* $name:ident: $file:ty = $parse:expr, $print:expr; )*) => {$(
        $(#[$attribute])*
        pub struct $name;

        impl Number for $name {
            type File = $file;

            fn parse(text: &str) -> Result<u64, String> {
                let parse: fn(&str) -> Result<u64, String> = $parse;
                parse(text)
            }

            fn print(number: u64) -> String {
                let print: fn(u64) -> String = $print;
                print(number)
            }
        }
    )*};
}

numbers! {
    /// Bytes, with a unit.
    Size: Spelled<Size> = quantity::size, |bytes| quoted(&print_size(bytes));
    /// Nanoseconds, with a unit.
    Duration: Spelled<Duration> = quantity::duration, |time| quoted(&print_duration(time));
    /// The size of a stack in bytes: whole pages.
    Stack: Spelled<Stack> = quantity::stack, |bytes| quoted(&print_size(bytes));
    Count: u64 = |text| count(text, 0..=u64::MAX), |count| count.to_string();
    /// A number of threads: there is always at least one.
    ThreadCount: NonZero<u64> = |text| count(text, 1..=u64::MAX), |count| count.to_string();
    /// A rough number of instructions: see `translate::fuel`.
    Fuel: u64 = |text| count(text, 0..=i64::MAX as u64), |count| count.to_string();
}

fn count(text: &str, range: RangeInclusive<u64>) -> Result<u64, String> {
    let count = text.parse().map_err(|error: ParseIntError| error.to_string())?;
    if range.contains(&count) { Ok(count) } else { Err(format!("{count} is not in {range:?}")) }
}

/// A limit, or none.
pub struct Limit<N>(PhantomData<N>);

impl<N: Number> Form for Limit<N> {
    type Value = Option<u64>;
    type File = N::File;
    const CHECKED: bool = true;

    fn read(file: N::File, _: &Path, value: &mut Option<u64>) -> Result<()> {
        *value = Some(file.into());
        Ok(())
    }

    fn add(values: &[String], value: &mut Option<u64>) -> Result<()> {
        for text in values {
            *value = Some(N::parse(text).map_err(Error::msg)?);
        }
        Ok(())
    }

    fn print(value: &Option<u64>) -> Printed {
        value.map_or(Printed::Nothing, |number| Printed::Inline(N::print(number)))
    }
}

/// A limit that always applies.
pub struct Always<N, const INITIAL: u64>(PhantomData<N>);

impl<N: Number, const INITIAL: u64> Form for Always<N, INITIAL> {
    type Value = u64;
    type File = N::File;
    const CHECKED: bool = true;

    fn initial() -> u64 {
        INITIAL
    }

    fn read(file: N::File, _: &Path, value: &mut u64) -> Result<()> {
        *value = file.into();
        Ok(())
    }

    fn add(values: &[String], value: &mut u64) -> Result<()> {
        for text in values {
            *value = N::parse(text).map_err(Error::msg)?;
        }
        Ok(())
    }

    fn print(value: &u64) -> Printed {
        Printed::Inline(N::print(*value))
    }
}
