//! Everything that a policy can grant or limit, one row each: the field of [`Policy`], the key in the policy file, and
//! the flag whose help is the row's comment. The row's [`Form`] says what values look like; [`super::binary`] says how
//! executables store them.

use std::path::Path;

use anyhow::Result;
use serde::Deserialize;

use super::form::{
    Always, Count, Duration, Form, Fuel, Limit, Overridable, Printed, QuietSwitch, Size, Stack, Switch, Text,
    ThreadCount,
};
use super::grant::{Bundles, Directories, Listeners, Serve, Variables};
use super::network::{Grants, Resolve, TcpConnect, TcpListen, Udp};

/// What the command line must know about a row.
pub struct Setting {
    /// The flag, without its dashes; none for a part of the policy that has rows of its own.
    pub flag: Option<&'static str>,
    /// The name of the flag's value; none if it takes no value.
    pub value: Option<&'static str>,
    /// Whether the flag can be given more than once.
    pub repeated: bool,
    /// Whether the flag's value is checked before anything else is done.
    pub checked: bool,
    /// The help text, in lines.
    pub help: &'static [&'static str],
    pub heading: &'static str,
    /// Adds the flag's values to a policy.
    pub apply: fn(&mut Policy, &[String]) -> Result<()>,
}

/// Defines a part of a policy, its form in the policy file (all keys may be missing), and its flags.
macro_rules! settings {
    (
        $(#[$attribute:meta])*
        pub struct $name:ident, file $file:ident, rows $rows:ident $heading:literal in $part:expr;
        $(
            $(#[doc = $doc:literal])*
            $field:ident: $form:ty = $key:literal $(, $flag:literal $($value:literal)?)?;
        )*
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $( $(#[doc = $doc])* pub $field: <$form as Form>::Value, )*
        }

        impl Default for $name {
            fn default() -> $name {
                $name { $( $field: <$form as Form>::initial(), )* }
            }
        }

        #[derive(Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $file {
            $( #[serde(rename = $key)] $field: Option<<$form as Form>::File>, )*
        }

        impl $name {
            /// Converts the values from a policy file in this folder.
            ///
            /// # Errors
            /// If it contradicts itself, or names files that can't be read.
            pub fn read(file: $file, folder: &Path) -> Result<$name> {
                let mut read = $name::default();
                $(
                    if let Some(file) = file.$field {
                        <$form as Form>::read(file, folder, &mut read.$field)?;
                    }
                )*
                Ok(read)
            }

            /// The policy file's notation for it, by keys.
            pub fn print(&self) -> Vec<(&'static str, Printed)> {
                vec![$( ($key, <$form as Form>::print(&self.$field)), )*]
            }
        }

        static $rows: &[Setting] = &[$(
            Setting {
                flag: first(&[$($flag)?]),
                value: first(&[$($($value)?)?]),
                repeated: <$form>::REPEATED,
                checked: <$form>::CHECKED,
                help: &[$($doc),*],
                heading: $heading,
                apply: |policy, values| {
                    let part: fn(&mut Policy) -> &mut $name = $part;
                    <$form as Form>::add(values, &mut part(policy).$field)
                },
            },
        )*];
    };
}

settings! {
    /// What the program is granted, and its limits.
    pub struct Policy, file PolicyFile, rows GRANTS "Sandbox grants" in |policy| policy;

    /// Grant a directory, under the name GUEST. A relative HOST is resolved when the program starts.
    dirs: Directories = "dirs", "dir" "HOST[::GUEST][:ro]";
    /// Let the program accept TCP connections at an address, e.g. 127.0.0.1:8080 or [::]:80. Its
    /// descriptors come first, from 3 on. For a component it is the same as --tcp-listen.
    listeners: Listeners = "listeners", "tcplisten" "IP:PORT";
    /// Make a server of a component that exports wasi:http/incoming-handler, which listens at an address unless it is
    /// started with another one: 127.0.0.1:8080 by default, for components that aren't commands, too.
    serve: Serve = "serve", "serve" "IP:PORT";
    /// Let a component open TCP connections, e.g. to example.com:443, *.example.com:8000-8100, 10.0.0.0/8:5432, [::1]:80
    /// or *:443, or with `*` to every port. It may look up the names.
    tcp_connect: Grants<TcpConnect> = "tcp-connect", "tcp-connect" "HOST:PORT";
    /// Let a component bind TCP sockets and listen, e.g. at 127.0.0.1:8080, [::1]:8000-8100 or, for 0.0.0.0 and all other
    /// addresses, *:80. Port 0 is any one that the system chooses, `*` is every port and 0.
    tcp_listen: Grants<TcpListen> = "tcp-listen", "tcp-listen" "IP:PORT";
    /// Let a component exchange datagrams with addresses in the form of --tcp-connect, and bind UDP sockets to them.
    udp: Grants<Udp> = "udp", "udp" "HOST:PORT";
    /// Let a component look up the addresses of a name, e.g. example.com, *.example.com or `*`.
    resolve: Grants<Resolve> = "resolve", "resolve" "NAME";
    /// Let a component look up the addresses of every name.
    name_lookup: QuietSwitch = "allow-ip-name-lookup", "allow-ip-name-lookup";
    /// Let a component use the network as a native program does.
    inherit_network: QuietSwitch = "inherit-network", "inherit-network";
    /// Set an environment variable of the program.
    env: Variables = "env", "env" "KEY=VALUE";
    /// Let the program see the environment that it is started with.
    inherit_env: Switch = "inherit-env", "inherit-env";
    /// Set the name that the program sees as its own.
    arg0: Text = "arg0", "arg0" "NAME";
    /// Put a directory tree into the executable; the program sees it, read-only, under the name GUEST, below
    /// the directory that is granted under that name, if any.
    bundles: Bundles = "bundles", "bundle" "HOSTDIR::GUEST";
    /// Give the program the working directory, all other directories and the environment, as a native program
    /// has them: for tools that you trust.
    native: Switch = "native", "native";
    /// Don't let the user who starts the program grant it more by WASM_AOT_DIRS and WASM_AOT_ENV.
    locked: Overridable = "allow-override", "lock-policy";
    /// Let the user who starts the program trace its WASI calls, by WASM_AOT_TRACE=wasi, and garbage
    /// collections, by WASM_AOT_TRACE=gc. `wasm-aot run` does this by itself if that variable is set.
    trace: QuietSwitch = "trace", "trace";
    /// What the program may use.
    limits: Limits = "limits";
}

settings! {
    /// What the program may use. Without a value there is no limit.
    pub struct Limits, file LimitsFile, rows LIMITS "Limits" in |policy| &mut policy.limits;

    /// Limit the size of each linear memory, e.g. to 64MiB.
    memory: Limit<Size> = "memory", "max-memory" "SIZE";
    /// Limit the size of the garbage-collected heap, e.g. to 64MiB.
    heap: Limit<Size> = "gc-heap", "gc-heap-max" "SIZE";
    /// Limit the number of elements of each table.
    table: Limit<Count> = "table", "max-table" "N";
    /// Limit the number of threads at a time, including the program's first one; starting more fails. By default
    /// there is no limit.
    threads: Limit<ThreadCount> = "threads", "max-threads" "N";
    /// Set the size of the program's stack, in KiB or with a unit; 8MiB by default.
    stack: Always<Stack, { 8 << 20 }> = "stack", "stack-size" "SIZE";
    /// Trap when the program has run for this long, e.g. 30s.
    timeout: Limit<Duration> = "timeout", "timeout" "DURATION";
    /// Trap after about this many instructions, at exactly the same place each time.
    fuel: Limit<Fuel> = "fuel", "fuel" "N";
    /// Let memory.grow and table.grow beyond --max-memory and --max-table fail instead of trapping.
    soft: QuietSwitch = "soft", "soft-limits";
}

/// All flags and what they set, in the order of their help.
pub fn flags() -> impl Iterator<Item = (&'static str, &'static Setting)> {
    GRANTS.iter().chain(LIMITS).filter_map(|setting| Some((setting.flag?, setting)))
}

const fn first(values: &'static [&'static str]) -> Option<&'static str> {
    match values {
        [first, ..] => Some(*first),
        [] => None,
    }
}

impl Form for Limits {
    type Value = Limits;
    type File = LimitsFile;

    fn read(file: LimitsFile, folder: &Path, value: &mut Limits) -> Result<()> {
        *value = Limits::read(file, folder)?;
        Ok(())
    }

    fn print(value: &Limits) -> Printed {
        Printed::table(value.print())
    }
}
