//! The file server of `examples/file-server`: what it answers to good and bad requests, and a short time
//! under load. `cargo test --release -p wasm-aot-tests --test server [-- FILTER]`; `--bin server-load` is
//! the long one. WASM_AOT_TEST_TARGETS adds targets, see `programs.rs`.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use wasm_aot_tests::harness::{Skipped, Test, main_of};
use wasm_aot_tests::programs::targets;
use wasm_aot_tests::server::client::Random;
use wasm_aot_tests::server::process::{Builder, Engine, Server};
use wasm_aot_tests::server::report::{Round, table};
use wasm_aot_tests::server::site::{SECRET, Site};

/// A request, whose connection the server closes, and parts of the response in their order: first how it
/// starts, last how it ends.
struct Exchange {
    request: &'static str,
    response: &'static [&'static str],
}

const fn exchange(request: &'static str, response: &'static [&'static str]) -> Exchange {
    Exchange { request, response }
}

const NOT_FOUND: &[&str] = &["HTTP/1.1 404 Not Found\r\n", "404 Not Found\n"];
const BAD: &[&str] = &["HTTP/1.1 400 Bad Request\r\n", "Connection: close\r\n", "400 Bad Request\n"];

const WAY_OUT: &str = "GET /way-out HTTP/1.0\r\n\r\n";
const WAY_OUT_ABSOLUTE: &str = "GET /way-out-absolute HTTP/1.0\r\n\r\n";
const PIPE: &str = "GET /pipe HTTP/1.0\r\n\r\n";

const EXCHANGES: &[Exchange] = &[
    exchange(
        "GET /hello.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        &[
            "HTTP/1.1 200 OK\r\n",
            "Content-Type: text/plain",
            "Content-Length: 6\r\n",
            "Connection: close\r\n\r\n",
            "hello\n",
        ],
    ),
    exchange(
        "HEAD /hello.txt?query HTTP/1.1\r\nhOST: a\r\nconnection: x, Close\r\n\r\n",
        &["HTTP/1.1 200 OK\r\n", "Content-Length: 6\r\n", "Connection: close\r\n\r\n"],
    ),
    exchange(
        "GET /hello.txt HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /empty.txt HTTP/1.0\r\n\r\n",
        &[
            "HTTP/1.1 200 OK\r\n",
            "keep-alive\r\n\r\nhello\nHTTP/1.1 200 OK",
            "Content-Length: 0\r\n",
            "Connection: close\r\n\r\n",
        ],
    ),
    exchange(
        "GET /hello.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /none HTTP/1.0\r\n\r\n",
        &["HTTP/1.1 200 OK", "keep-alive\r\n\r\nhello\nHTTP/1.1 404", "404 Not Found\n"],
    ),
    exchange("GET /%68ello%2Etxt HTTP/1.0\r\n\r\n", &["HTTP/1.1 200 OK", "hello\n"]),
    exchange("GET //hello.txt HTTP/1.0\r\n\r\n", &["HTTP/1.1 200 OK", "hello\n"]),
    exchange("GET /page/ HTTP/1.0\r\n\r\n", &["HTTP/1.1 200 OK", "Content-Type: text/html", "<p>"]),
    exchange("GET /page HTTP/1.0\r\n\r\n", &["HTTP/1.1 301 ", "Location: ./page/\r\n", "Permanently\n"]),
    exchange("GET / HTTP/1.0\r\n\r\n", NOT_FOUND),
    exchange("GET /hello.txt/ HTTP/1.0\r\n\r\n", NOT_FOUND),
    // Ranges.
    exchange(
        "GET /hello.txt HTTP/1.0\r\nRange: bytes=1-3\r\n\r\n",
        &[
            "HTTP/1.1 206 Partial Content",
            "Content-Length: 3\r\n",
            "Content-Range: bytes 1-3/6\r\n",
            "\r\n\r\nell",
        ],
    ),
    exchange(
        "GET /hello.txt HTTP/1.0\r\nRange: bytes=4-99\r\n\r\n",
        &["HTTP/1.1 206", "bytes 4-5/6\r\n", "\r\n\r\no\n"],
    ),
    exchange(
        "GET /hello.txt HTTP/1.0\r\nRange: bytes=-2\r\n\r\n",
        &["HTTP/1.1 206", "bytes 4-5/6\r\n", "\r\n\r\no\n"],
    ),
    exchange(
        "GET /hello.txt HTTP/1.0\r\nRange: bytes=-99\r\n\r\n",
        &["HTTP/1.1 206", "bytes 0-5/6\r\n", "hello\n"],
    ),
    exchange(
        "GET /hello.txt HTTP/1.0\r\nRange: bytes=6-\r\n\r\n",
        &["HTTP/1.1 416 ", "Content-Range: bytes */6\r\n", "\n"],
    ),
    exchange("GET /hello.txt HTTP/1.0\r\nRange: bytes=-0\r\n\r\n", &["HTTP/1.1 416 ", "\n"]),
    exchange("GET /empty.txt HTTP/1.0\r\nRange: bytes=0-\r\n\r\n", &["HTTP/1.1 416 ", "bytes */0\r\n", "\n"]),
    exchange("GET /hello.txt HTTP/1.0\r\nRange: bytes=3-1\r\n\r\n", &["HTTP/1.1 200 OK", "hello\n"]),
    exchange("GET /hello.txt HTTP/1.0\r\nRange: bytes=0-1,3-4\r\n\r\n", &["HTTP/1.1 200 OK", "hello\n"]),
    exchange(
        "GET /hello.txt HTTP/1.0\r\nRange: bytes=99999999999999999999-\r\n\r\n",
        &["HTTP/1.1 200 OK", "hello\n"],
    ),
    // Ways out.
    exchange("GET /../secret.txt HTTP/1.0\r\n\r\n", BAD),
    exchange("GET /page/../../secret.txt HTTP/1.0\r\n\r\n", BAD),
    exchange("GET /%2e%2E%2fsecret.txt HTTP/1.0\r\n\r\n", BAD),
    exchange("GET /page/.. HTTP/1.0\r\n\r\n", BAD),
    exchange("GET /secret.txt HTTP/1.0\r\n\r\n", NOT_FOUND),
    exchange(WAY_OUT, NOT_FOUND),
    exchange(WAY_OUT_ABSOLUTE, NOT_FOUND),
    exchange(PIPE, NOT_FOUND),
    // What isn't a request.
    exchange("GET /hello.txt%00 HTTP/1.0\r\n\r\n", BAD),
    exchange("GET /%zz HTTP/1.0\r\n\r\n", BAD),
    exchange("GET /% HTTP/1.0\r\n\r\n", BAD),
    exchange("GET hello.txt HTTP/1.0\r\n\r\n", BAD),
    exchange("GET  /hello.txt HTTP/1.0\r\n\r\n", BAD),
    exchange("GET /hello.txt\r\n\r\n", BAD),
    exchange("GET /hello.txt HTTP/1.1\r\n\r\n", BAD),
    exchange("GET /hello.txt HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", BAD),
    exchange("GET /hello.txt HTTP/1.1\r\nHost : a\r\n\r\n", BAD),
    exchange("GET /hello.txt HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", BAD),
    exchange("GET /hello.txt HTTP/1.1\nHost: a\n\nGET / HTTP/1.1\r\n\r\n", BAD),
    exchange("GET /hello.txt HTTP/1.1\r\nHost: a\rb\r\n\r\n", BAD),
    exchange("GET /hello.txt HTTP/1.1\r\nHost: \0\r\n\r\n", BAD),
    exchange("\x16\x03\x01\r\n\r\n", BAD),
    exchange("GET /hello.txt HTTP/2.0\r\n\r\n", &["HTTP/1.1 505 ", "Connection: close\r\n", "\n"]),
    // A body isn't taken for a request.
    exchange(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\nGET /hello.txt HTTP/1.0\r\n\r\n....",
        &["HTTP/1.1 405 ", "Allow: GET, HEAD\r\n", "Connection: close\r\n", "405 Method Not Allowed\n"],
    ),
    exchange(
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\nGET /hello.txt HTTP/1.0\r\n\r\n....",
        &["HTTP/1.1 413 ", "Connection: close\r\n", "413 Content Too Large\n"],
    ),
    exchange(
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        &["HTTP/1.1 413 ", "413 Content Too Large\n"],
    ),
];

/// What an engine isn't asked, with the reason.
fn left_out(engine: Engine) -> (&'static [&'static str], &'static str) {
    match engine {
        Engine::Wasmtime => {
            (&[PIPE], "wasmtime waits for the other end of a pipe, although it is told not to")
        }
        Engine::Native(target) if target.name.ends_with("-windows") => (
            &[WAY_OUT, WAY_OUT_ABSOLUTE],
            "Wine follows its host's links, and shows programs what they lead to",
        ),
        _ => (&[], ""),
    }
}

/// More than the system's buffers for a connection hold.
const HUGE: usize = 20 << 20;

/// What the exchanges need beside the files of the site.
fn furnish(site: &Site) -> Result<()> {
    let path = site.path();
    std::fs::write(path.join("hello.txt"), "hello\n")?;
    let mut random = Random::new(2);
    std::fs::write(path.join("huge.bin"), (0..HUGE).map(|_| random.next() as u8).collect::<Vec<u8>>())?;
    std::fs::create_dir(path.join("page"))?;
    std::fs::write(path.join("page/index.html"), "<p>")?;
    std::os::unix::fs::symlink("../secret.txt", path.join("way-out"))?;
    std::os::unix::fs::symlink(path.join("../secret.txt"), path.join("way-out-absolute"))?;
    ensure!(Command::new("mkfifo").arg(path.join("pipe")).status()?.success(), "mkfifo failed");
    Ok(())
}

fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Everything until the server closes the connection.
fn read_all(mut stream: TcpStream) -> Result<String> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).context("the server doesn't close the connection")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn check(response: &str, parts: &[&str]) -> Result<()> {
    ensure!(!response.contains(SECRET), "the secret is out");
    ensure!(response.starts_with(parts[0]), "starts otherwise");
    ensure!(response.ends_with(parts[parts.len() - 1]), "ends otherwise");
    let mut rest = response;
    for part in parts {
        let (_, behind) = rest.split_once(part).with_context(|| format!("lacks {part:?}"))?;
        rest = behind;
    }
    Ok(())
}

/// Each exchange twice: the request at once, and byte by byte.
fn exchanges(server: &Server, engine: Engine) -> Result<()> {
    let (left_out, reason) = left_out(engine);
    if !left_out.is_empty() {
        println!(
            "behaviour {}: {} of {} requests left out: {reason}",
            engine.name(),
            left_out.len(),
            EXCHANGES.len()
        );
    }
    for exchange in EXCHANGES.iter().filter(|exchange| !left_out.contains(&exchange.request)) {
        let mut whole = connect(server.address)?;
        whole.write_all(exchange.request.as_bytes())?;
        let mut pieces = connect(server.address)?;
        for byte in exchange.request.as_bytes() {
            // After a bad start the server may have closed.
            if pieces.write_all(&[*byte]).is_err() {
                break;
            }
            thread::sleep(Duration::from_micros(200));
        }
        for stream in [whole, pieces] {
            let response = read_all(stream).with_context(|| exchange.request)?;
            check(&response, exchange.response)
                .with_context(|| format!("{:?} got {response:?}", exchange.request))?;
        }
    }
    Ok(())
}

/// A head that never ends, up to what the server takes and beyond.
fn endless_head(server: &Server) -> Result<()> {
    let mut stream = connect(server.address)?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: ")?;
    stream.write_all(&[b'a'; 20_000])?;
    check(&read_all(stream)?, &["HTTP/1.1 431 ", "Connection: close\r\n", "Too Large\n"])
}

/// More requests in one go than are served in one turn, some of them large, from a client that then sends
/// nothing more.
fn many_at_once(server: &Server, site: &Site) -> Result<()> {
    let mut stream = connect(server.address)?;
    let mut requests = String::new();
    for i in 0..100 {
        let name = if i % 25 == 0 { site.largest().target } else { "/hello.txt" };
        requests += &format!("GET {name} HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    stream.write_all(requests.as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let mut rest = &bytes[..];
    for i in 0..100 {
        let body = if i % 25 == 0 { &site.largest().bytes[..] } else { b"hello\n" };
        let end = rest.windows(4).position(|four| four == b"\r\n\r\n").context("a response is missing")?;
        rest = rest[end + 4..].strip_prefix(body).with_context(|| format!("response {i} is wrong"))?;
    }
    ensure!(rest.is_empty(), "there is more than was asked for");
    Ok(())
}

/// A client that at first reads nothing of a response that is too large for the system to take as a whole.
fn late_reader(server: &Server, site: &Site) -> Result<()> {
    let mut stream = connect(server.address)?;
    stream.write_all(b"GET /huge.bin HTTP/1.1\r\nHost: a\r\n\r\nGET /hello.txt HTTP/1.0\r\n\r\n")?;
    thread::sleep(Duration::from_millis(300));
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let body = std::fs::read(site.path().join("huge.bin"))?;
    let start = bytes.windows(4).position(|four| four == b"\r\n\r\n").context("there is no response")? + 4;
    let rest = bytes[start..].strip_prefix(&body[..]).context("the large response is wrong")?;
    check(&String::from_utf8_lossy(rest), &["HTTP/1.1 200 OK\r\n", "Connection: close\r\n", "hello\n"])
}

/// Clients that do nothing, or never complete a request, are dropped, but not before their time.
fn idle_clients(server: &Server, idle: u64) -> Result<()> {
    let start = Instant::now();
    let silent = connect(server.address)?;
    let mut slow = connect(server.address)?;
    slow.write_all(b"GET /hello.txt HTTP/1.1\r\nHost: a\r\n")?;
    for stream in [silent, slow.try_clone()?] {
        ensure!(read_all(stream)?.is_empty(), "an answer to no request");
    }
    let (least, most) = (Duration::from_secs(idle), Duration::from_secs(idle + 20));
    ensure!(start.elapsed() >= least && start.elapsed() < most, "given up after {:?}", start.elapsed());
    Ok(())
}

/// More clients than the server takes at once: the others wait until there is room.
fn crowd(server: &Server) -> Result<()> {
    let mut streams = (0..500).map(|_| connect(server.address)).collect::<Result<Vec<_>>>()?;
    for stream in &mut streams {
        stream.write_all(b"GET /hello.txt HTTP/1.0\r\n\r\n")?;
    }
    for stream in streams {
        check(&read_all(stream)?, &["HTTP/1.1 200 OK", "hello\n"])?;
    }
    Ok(())
}

/// Clients that leave in each way leave nothing behind.
fn leaving(server: &mut Server, site: &Site) -> Result<()> {
    let before = server.settle(0)?.descriptors;
    for i in 0..200 {
        let mut stream = connect(server.address)?;
        let request = format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", site.largest().target);
        match i % 4 {
            0 => {}
            1 => stream.write_all(&request.as_bytes()[..10])?,
            2 => stream.write_all(request.as_bytes())?,
            _ => {
                stream.write_all(request.repeat(5).as_bytes())?;
                match stream.read(&mut [0; 100]) {
                    Err(error) if error.kind() != ErrorKind::ConnectionReset => bail!("{error}"),
                    _ => {}
                }
            }
        }
    }
    let after = server.settle(before)?.descriptors;
    ensure!(after == before, "{before} descriptors before, {after} after");
    Ok(())
}

fn behaviour(builder: &Builder, engine: Engine) -> Result<()> {
    const IDLE: u32 = 2;
    let site = Site::new()?;
    furnish(&site)?;
    let patient = builder.start(engine, &site.path(), 60)?;
    exchanges(&patient, engine)?;
    endless_head(&patient).context("an endless head")?;
    many_at_once(&patient, &site).context("many requests at once")?;
    late_reader(&patient, &site).context("a client that reads late")?;
    crowd(&patient).context("more clients than the server takes")?;
    drop(patient);
    let mut server = builder.start(engine, &site.path(), IDLE)?;
    leaving(&mut server, &site).context("clients that leave")?;
    idle_clients(&server, u64::from(IDLE) - 1).context("idle clients")
}

/// Nothing is lost and nothing leaks.
fn load(builder: &Builder, engine: Engine) -> Result<()> {
    let round = Round::run(builder, engine, &Site::new()?, 200, Duration::from_secs(4))?;
    let failures = round.failures();
    let table = table(&[round]);
    ensure!(failures.is_empty(), "{}\n{table}", failures.join("\n"));
    print!("{table}");
    Ok(())
}

fn main() -> ExitCode {
    let (builder, targets) = match (Builder::new(), targets::selected()) {
        (Ok(builder), Ok(targets)) => (Arc::new(builder), targets),
        (Err(error), _) | (_, Err(error)) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    let native = targets.iter().filter(|selected| selected.all);
    let native: Vec<_> = native.map(|selected| selected.target).collect();
    let mut engines = vec![Engine::Wasmtime];
    engines.extend(native.iter().map(|target| Engine::Native(target)));
    for target in native.iter().filter(|target| target.is_host()) {
        engines.extend([Engine::Bundled(target), Engine::LargeSends(target)]);
    }
    let mut tests = Vec::new();
    for engine in engines {
        let mut add = |name: &str, run: fn(&Builder, Engine) -> Result<()>| {
            let builder = Arc::clone(&builder);
            tests.push(Test::new(format!("{name} {}", engine.name()), move |_| {
                match builder.missing(engine) {
                    Some(reason) => Err(Skipped(reason).into()),
                    None => run(&builder, engine),
                }
            }));
        };
        // A bundle has no pipes and no links that lead out.
        if !matches!(engine, Engine::Bundled(_)) {
            add("behaviour", behaviour);
        }
        if matches!(engine, Engine::Native(_) | Engine::Bundled(_)) {
            add("load", load);
        }
    }
    main_of(tests)
}
