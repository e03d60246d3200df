//! A policy in the form of the policy file.

use std::fmt;

use super::quantity::{print_duration, print_size};
use super::{DirGrant, Limits, Policy};
use crate::escape::is_hidden;

/// A basic string of TOML, on one line.
fn quoted(text: &str) -> String {
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

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "allow-override = {}", !self.locked)?;
        writeln!(f, "inherit-env = {}", self.inherit_env)?;
        writeln!(f, "native = {}", self.native)?;
        if self.trace {
            writeln!(f, "trace = true")?;
        }
        if let Some(name) = &self.arg0 {
            writeln!(f, "arg0 = {}", quoted(name))?;
        }
        if !self.listeners.is_empty() {
            let listeners: Vec<String> = self.listeners.iter().map(|a| quoted(&a.to_string())).collect();
            writeln!(f, "listeners = [{}]", listeners.join(", "))?;
        }
        if !self.dirs.is_empty() {
            writeln!(f, "dirs = [")?;
            self.dirs.iter().try_for_each(|dir| writeln!(f, "    {dir},"))?;
            writeln!(f, "]")?;
        }
        if !self.env.is_empty() {
            writeln!(f, "\n[env]")?;
            for entry in &self.env {
                let (key, value) = entry.split_once('=').unwrap_or((entry, ""));
                writeln!(f, "{} = {}", quoted(key), quoted(value))?;
            }
        }
        write!(f, "\n{}", self.limits)
    }
}

impl fmt::Display for DirGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{ host = {}, guest = {}", quoted(&self.host), quoted(&self.guest))?;
        f.write_str(if self.read_only { ", read-only = true }" } else { " }" })
    }
}

impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[limits]")?;
        writeln!(f, "stack = {}", quoted(&print_size(self.stack)))?;
        if let Some(bytes) = self.memory {
            writeln!(f, "memory = {}", quoted(&print_size(bytes)))?;
        }
        if let Some(elements) = self.table {
            writeln!(f, "table = {elements}")?;
        }
        if let Some(bytes) = self.heap {
            writeln!(f, "gc-heap = {}", quoted(&print_size(bytes)))?;
        }
        if let Some(threads) = self.threads {
            writeln!(f, "threads = {threads}")?;
        }
        if let Some(time) = self.timeout {
            writeln!(f, "timeout = {}", quoted(&print_duration(time)))?;
        }
        if let Some(fuel) = self.fuel {
            writeln!(f, "fuel = {fuel}")?;
        }
        if self.soft {
            writeln!(f, "soft = true")?;
        }
        Ok(())
    }
}
