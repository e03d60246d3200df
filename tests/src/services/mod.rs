//! Starts servers, and speaks with them as clients do.

pub mod edges;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use crate::programs::targets;

/// What the service does is the first letter of the path.
pub const HANDLER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/services/handler.wat");

pub const GET: &str = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";
pub const LAST: &str = "GET /c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// A running server.
pub struct Server {
    pub process: Child,
    pub address: String,
}

/// Builds the service with these flags.
pub fn build(directory: &Path, flags: &[&str]) -> Result<Output> {
    let output = directory.join("handler");
    Ok(Command::new(targets::compiler()?)
        .args(["build", "--quiet", HANDLER, "-o"])
        .arg(&output)
        .args(flags)
        .output()?)
}

impl Server {
    pub fn start(directory: &Path, flags: &[&str], arguments: &[&str]) -> Result<Server> {
        let built = build(directory, flags)?;
        ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let mut command = Command::new(directory.join("handler"));
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        Server::run(command)
    }

    /// Starts one that is built already, and listens at a port that the system chooses.
    pub fn run(mut command: Command) -> Result<Server> {
        let mut process = command.stderr(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let mut messages = BufReader::new(process.stderr.take().context("it is a pipe")?);
        messages.read_line(&mut line)?;
        // Reports of traps mustn't fill the pipe.
        thread::spawn(move || std::io::copy(&mut messages, &mut std::io::sink()));
        let address = line.trim().strip_prefix("listening on http://").context(line.clone())?;
        Ok(Server { process, address: address.trim_end_matches('/').to_owned() })
    }

    pub fn connect(&self) -> Result<TcpStream> {
        let stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(stream)
    }

    /// What the server answers until it closes the connection.
    pub fn ask(&self, request: &[u8]) -> Result<String> {
        let mut stream = self.connect()?;
        // It may have refused the first part.
        _ = stream.write_all(request);
        read_all(stream)
    }

    pub fn signal(&self) -> Result<()> {
        let status = Command::new("kill").arg(self.process.id().to_string()).status()?;
        ensure!(status.success());
        Ok(())
    }

    /// Waits until it ends, with 0.
    pub fn ends(&mut self, most: Duration) -> Result<()> {
        let start = Instant::now();
        let status = loop {
            match self.process.try_wait()? {
                Some(status) => break status,
                None if start.elapsed() > most => bail!("it doesn't end"),
                None => thread::sleep(Duration::from_millis(10)),
            }
        };
        ensure!(status.success(), "{status}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Everything up to the end, or to an error of the connection.
pub fn read_all(mut stream: TcpStream) -> Result<String> {
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock) => Err(error.into()),
        _ => Ok(String::from_utf8_lossy(&all).into_owned()),
    }
}

/// The data of a body in chunks, if it is complete.
pub fn unchunk(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    loop {
        let end = body.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&body[..end]).ok()?, 16).ok()?;
        data.extend_from_slice(body.get(end + 2..end + 2 + size)?);
        body = body.get(end + 4 + size..)?;
        if size == 0 {
            return body.is_empty().then_some(data);
        }
    }
}
