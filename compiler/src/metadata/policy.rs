//! Encodes a policy, as `wasm_aot_abi::policy` has it.

use std::net::{IpAddr, SocketAddr};

use anyhow::Result;
use object::write::SymbolId;
use object::{BinaryFormat, SectionKind};
use wasm_aot_abi::{policy as abi, symbols};

use super::Encoder;
use super::blob::{Blob, Target};
use crate::facts::Facts;
use crate::policy::{Limits, MACHO_SECTION, MACHO_SEGMENT, Policy};

impl Encoder<'_> {
    /// Adds the policy in its own section. `fuel`: the counter, if there is one.
    ///
    /// # Errors
    /// If the bundles are too large.
    pub(super) fn policy(
        &mut self,
        facts: &Facts,
        policy: &Policy,
        fuel: Option<SymbolId>,
    ) -> Result<Target> {
        let mut dirs = Blob::default();
        for dir in &policy.dirs {
            self.string(&mut dirs, &dir.host);
            self.string(&mut dirs, &dir.guest);
            dirs.word(if dir.read_only { abi::DirGrant::READ_ONLY } else { 0 }, self.big_endian);
        }
        let dirs = self.relocated(dirs);
        let mut env = Blob::default();
        for entry in &policy.env {
            self.string(&mut env, entry);
        }
        let env = self.relocated(env);
        let limits = self.limits(&policy.limits, fuel);
        let uses_directories = facts.uses_directories();
        let user_dirs = !policy.locked && uses_directories;
        let bundles = if uses_directories { self.bundles(&policy.bundles)? } else { None };
        let grants = !policy.dirs.is_empty() || policy.native || user_dirs || bundles.is_some();
        let open_grants = match (policy.listeners.is_empty(), grants) {
            (true, false) => None,
            (true, true) => Some(symbols::OPEN_GRANTS),
            (false, _) => Some(symbols::OPEN_LISTENERS),
        };
        let open_grants = open_grants.map(|name| Target::symbol(self.import(name)));
        let listeners = self.listeners(&policy.listeners);
        let read_user_dirs = self.import_if(user_dirs, symbols::READ_USER_DIRS);
        let open_native = self.import_if(policy.native, symbols::OPEN_NATIVE);
        let mut blob = Blob::default();
        blob.word(abi::Policy::VERSION, self.big_endian);
        blob.word(flags(policy, bundles.is_some()), self.big_endian);
        blob.pointer(dirs);
        blob.word(policy.dirs.len() as u64, self.big_endian);
        blob.pointer(env);
        blob.word(policy.env.len() as u64, self.big_endian);
        self.string(&mut blob, policy.arg0.as_deref().unwrap_or(""));
        blob.word(policy.limits.stack, self.big_endian);
        blob.optional(limits, self.big_endian);
        blob.optional(open_grants, self.big_endian);
        blob.optional(read_user_dirs, self.big_endian);
        blob.optional(open_native, self.big_endian);
        blob.pointer(listeners);
        blob.word(policy.listeners.len() as u64, self.big_endian);
        assert_eq!(blob.len(), size_of::<abi::Policy>());
        if let Some(bundles) = bundles {
            blob.pointer(bundles);
            blob.pointer(Target::symbol(self.import(symbols::OPEN_BUNDLES)));
            assert_eq!(blob.len(), size_of::<abi::BundlePolicy>());
        }
        let (segment, name) = match self.object.format() {
            BinaryFormat::MachO => (MACHO_SEGMENT, MACHO_SECTION),
            _ => ("", abi::SECTION),
        };
        let section = self.object.add_section(segment.into(), name.into(), SectionKind::Data);
        Ok(blob.add_to(self.object, section))
    }

    fn listeners(&mut self, listeners: &[SocketAddr]) -> Target {
        let mut blob = Blob::default();
        for address in listeners {
            self.string(&mut blob, &address.to_string());
            match address.ip() {
                IpAddr::V4(ip) => self.bytes(&mut blob, &ip.octets()),
                IpAddr::V6(ip) => self.bytes(&mut blob, &ip.octets()),
            }
            blob.word(address.port().into(), self.big_endian);
        }
        self.relocated(blob)
    }

    /// Nothing if there are none beside the stack.
    fn limits(&mut self, limits: &Limits, fuel: Option<SymbolId>) -> Option<Target> {
        if *limits == (Limits { stack: limits.stack, ..Limits::default() }) {
            return None;
        }
        let mut blob = Blob::default();
        blob.word(limits.memory.unwrap_or(abi::Limits::NONE), self.big_endian);
        blob.word(limits.table.unwrap_or(abi::Limits::NONE), self.big_endian);
        blob.word(limits.timeout.unwrap_or(0), self.big_endian);
        let timer = self.import_if(limits.timeout.is_some(), symbols::START_TIMER);
        blob.optional(timer, self.big_endian);
        blob.optional(fuel.map(Target::symbol), self.big_endian);
        blob.word(limits.soft.into(), self.big_endian);
        blob.word(limits.heap.unwrap_or(abi::Limits::NONE), self.big_endian);
        blob.word(limits.threads.unwrap_or(abi::Limits::NONE), self.big_endian);
        assert_eq!(blob.len(), size_of::<abi::Limits>());
        Some(self.relocated(blob))
    }

    pub(super) fn import_if(&mut self, condition: bool, name: &str) -> Option<Target> {
        condition.then(|| Target::symbol(self.import(name)))
    }
}

fn flags(policy: &Policy, bundles: bool) -> u64 {
    [
        (policy.inherit_env || policy.native, abi::Policy::INHERIT_ENV),
        (policy.arg0.is_some(), abi::Policy::ARG0),
        (policy.locked, abi::Policy::LOCKED),
        (policy.native, abi::Policy::NATIVE),
        (bundles, abi::Policy::BUNDLES),
        (policy.trace, abi::Policy::TRACE),
    ]
    .iter()
    .filter(|(set, _)| *set)
    .fold(0, |flags, (_, flag)| flags | flag)
}
