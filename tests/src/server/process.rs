//! A server as a process: how each engine starts it, and the resources that it takes.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::{LARGE_SENDS, MODULE};
use crate::programs::fetch::{self, Fetched};
use crate::programs::targets::{self, Target};

/// Who runs the server.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    Native(&'static Target),
    /// Natively, with what is served inside the executable.
    Bundled(&'static Target),
    /// Natively, with sends that are mostly cut short.
    LargeSends(&'static Target),
    Wasmtime,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Engine::Native(target) => target.name,
            Engine::Bundled(_) => "bundled",
            Engine::LargeSends(_) => "large-sends",
            Engine::Wasmtime => "wasmtime",
        }
    }

    fn module(self) -> &'static str {
        if matches!(self, Engine::LargeSends(_)) { LARGE_SENDS } else { MODULE }
    }
}

/// The version of wasmtime that is compared with is the last one that has the sockets of preview 1.
const WASMTIME: &str = "wasmtime-sockets";

/// The module and the tools.
pub struct Builder {
    fetched: Fetched,
    compiler: PathBuf,
}

impl Builder {
    pub fn new() -> Result<Builder> {
        Ok(Builder {
            fetched: fetch::fetch([WASMTIME], [MODULE, LARGE_SENDS])?,
            compiler: targets::compiler()?,
        })
    }

    /// Why an engine isn't available, if so.
    pub fn missing(&self, engine: Engine) -> Option<String> {
        let tool = match engine {
            Engine::Wasmtime => self.fetched.tool(WASMTIME),
            _ => Ok(PathBuf::new()),
        };
        tool.and(self.fetched.module(engine.module())).err().map(|error| format!("{error:#}"))
    }

    /// The command that serves `site` at `address`; what it needs is put into `directory`.
    fn command(&self, engine: Engine, site: &Path, address: SocketAddr, directory: &Path) -> Result<Command> {
        let module = self.fetched.module(engine.module())?;
        match engine {
            Engine::Native(target) | Engine::Bundled(target) | Engine::LargeSends(target) => {
                let program = directory.join("file-server");
                let dir = site.display();
                let grant = match engine {
                    Engine::Bundled(_) => ["--bundle".to_owned(), format!("{dir}::/site")],
                    _ => ["--dir".to_owned(), format!("{dir}::/site:ro")],
                };
                run(Command::new(&self.compiler)
                    .args(["build", "--quiet", "--target", target.name, "--tcplisten", &address.to_string()])
                    .args(grant)
                    .arg(module)
                    .arg("-o")
                    .arg(&program))?;
                let mut words = target.runner();
                words.push(program.display().to_string());
                let mut command = Command::new(&words[0]);
                command.args(&words[1..]);
                Ok(command)
            }
            Engine::Wasmtime => {
                let (wasmtime, compiled) =
                    (self.fetched.tool(WASMTIME)?, directory.join("file-server.cwasm"));
                run(Command::new(&wasmtime).arg("compile").arg(module).arg("-o").arg(&compiled))?;
                let sockets = format!("preview2=n,tcplisten={address}");
                let grant = format!("{}::/site", site.display());
                let mut command = Command::new(wasmtime);
                command.args(["run", "--allow-precompiled", "-S", &sockets, "--dir", &grant]).arg(compiled);
                Ok(command)
            }
        }
    }

    /// Starts a server whose clients may be idle for this many seconds, and waits until it listens.
    pub fn start(&self, engine: Engine, site: &Path, idle: u32) -> Result<Server> {
        let directory = tempfile::tempdir()?;
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = self.command(engine, site, address, directory.path())?;
        let process = command.arg(idle.to_string()).stdin(Stdio::null()).spawn()?;
        let mut server = Server { process, address, _directory: directory };
        server.wait_until_it_listens()?;
        Ok(server)
    }
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("can't start {command:?}"))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}

/// The resources that a process takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample {
    /// KiB in memory.
    pub resident: u64,
    pub descriptors: usize,
    /// Seconds of user and system time since it started.
    pub cpu: f64,
}

/// A server that runs; dropping it ends it.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
    /// Has the program in it.
    _directory: tempfile::TempDir,
}

/// How long operations that should be immediate may take.
const PATIENCE: Duration = Duration::from_secs(60);

impl Server {
    fn wait_until_it_listens(&mut self) -> Result<()> {
        let start = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            if let Some(status) = self.process.try_wait()? {
                bail!("the server ended: {status}");
            }
            ensure!(start.elapsed() < PATIENCE, "the server doesn't listen");
            thread::sleep(Duration::from_millis(10));
        }
        // The connection that found it out is no part of what is measured.
        thread::sleep(Duration::from_millis(300));
        Ok(())
    }

    pub fn sample(&mut self) -> Result<Sample> {
        if let Some(status) = self.process.try_wait()? {
            bail!("the server ended: {status}");
        }
        let directory = PathBuf::from(format!("/proc/{}", self.process.id()));
        let status = fs::read_to_string(directory.join("status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let stat = fs::read_to_string(directory.join("stat"))?;
        // Behind the name, which may have spaces in it: the 14th and the 15th field of all.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
        Ok(Sample {
            resident: resident.trim().trim_end_matches(" kB").parse()?,
            descriptors: fs::read_dir(directory.join("fd"))?.count(),
            // In ticks, of which every Linux tells programs that there are 100 in a second.
            cpu: ticks / 100.0,
        })
    }

    /// Waits until the server has no more descriptors than that; returns what it takes then, or at last.
    pub fn settle(&mut self, descriptors: usize) -> Result<Sample> {
        let start = Instant::now();
        loop {
            let sample = self.sample()?;
            if sample.descriptors <= descriptors || start.elapsed() > Duration::from_secs(10) {
                return Ok(sample);
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
