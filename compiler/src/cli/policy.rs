//! The flags of the sandbox: what the program may reach and use. They come from `policy::table`; grants add to those of
//! the policy file, and other settings override it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

use crate::policy::table::{Setting, flags};
use crate::policy::{Policy, file};

/// The flag for the policy file.
const FILE: &str = "policy";

/// The sandbox, as given on the command line.
#[derive(Default)]
pub struct PolicyOptions {
    file: Option<PathBuf>,
    /// The settings whose flags were given, in the order of the table, and their values.
    given: Vec<(&'static Setting, Vec<String>)>,
}

impl PolicyOptions {
    /// The policy file.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    pub fn policy(&self) -> Result<Policy> {
        let mut policy = match &self.file {
            Some(path) => file::read(path)?,
            None => Policy::default(),
        };
        for (setting, values) in &self.given {
            (setting.apply)(&mut policy, values)?;
        }
        Ok(policy)
    }
}

impl Args for PolicyOptions {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new(FILE)
            .long(FILE)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("Read grants and limits from a file; the flags add to it")
            .help_heading("Sandbox grants");
        command.arg(file).args(flags().map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for PolicyOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut options = PolicyOptions::default();
        options.update_from_arg_matches(matches)?;
        Ok(options)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.file = matches.get_one(FILE).cloned();
        let given = |(flag, setting)| Some((setting, values(flag, setting, matches)?));
        self.given = flags().filter_map(given).collect();
        Ok(())
    }
}

fn argument((flag, setting): (&'static str, &'static Setting)) -> Arg {
    let help: Vec<&str> = setting.help.iter().map(|line| line.trim()).collect();
    let help = help.join(" ").trim_end_matches('.').to_owned();
    let argument = Arg::new(flag).long(flag).help(help).help_heading(setting.heading);
    let Some(value) = setting.value else { return argument.action(ArgAction::SetTrue) };
    let argument = argument.value_name(value).action(match setting.repeated {
        true => ArgAction::Append,
        false => ArgAction::Set,
    });
    if !setting.checked {
        return argument;
    }
    argument.value_parser(|text: &str| {
        let text = text.to_owned();
        (setting.apply)(&mut Policy::default(), std::slice::from_ref(&text)).map(|()| text)
    })
}

/// The values of a flag, if it was given.
fn values(flag: &str, setting: &Setting, matches: &ArgMatches) -> Option<Vec<String>> {
    match setting.value {
        None => matches.get_flag(flag).then(Vec::new),
        Some(_) => Some(matches.get_many::<String>(flag)?.cloned().collect()),
    }
}
