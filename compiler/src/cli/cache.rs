//! `wasm-aot cache`: shows where the cache of `run` is and how large it is, or empties it.

use std::path::Path;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use super::message::{self, print};
use crate::cache::evict::{self, Contents};
use crate::cache::{self, Cache};
use crate::escape;
use crate::policy::quantity::print_size;

#[derive(Args)]
pub struct CacheCommand {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Print the path of its directory.
    Path,
    /// Print the total size of the programs in it, in bytes.
    Size,
    /// Remove everything in it.
    Clean,
}

impl CacheCommand {
    pub fn execute(self) -> Result<()> {
        let path = cache::path().context("there is no cache")?;
        match self.action {
            Some(Action::Path) => print(&format!("{}\n", path.display())),
            Some(Action::Size) => print(&format!("{}\n", contents(&path)?.bytes)),
            Some(Action::Clean) => {
                let removed = match Cache::existing()? {
                    Some(cache) => cache
                        .clean()
                        .with_context(|| format!("can't remove everything in {}", escape::path(&path)))?,
                    None => Contents::default(),
                };
                message::note(&format!("{} removed, {} bytes", programs(removed), removed.bytes));
                Ok(())
            }
            None => {
                let limit = print_size(evict::limit()?);
                let contents = contents(&path)?;
                print(&format!(
                    "{}: {}, {} bytes of at most {limit} ({})\n",
                    escape::path(&path),
                    programs(contents),
                    contents.bytes,
                    evict::LIMIT,
                ))
            }
        }
    }
}

fn contents(path: &Path) -> Result<Contents> {
    let Some(cache) = Cache::existing()? else { return Ok(Contents::default()) };
    cache.contents().with_context(|| format!("can't read {}", escape::path(path)))
}

fn programs(contents: Contents) -> String {
    match contents.programs {
        1 => "1 program".to_owned(),
        count => format!("{count} programs"),
    }
}
