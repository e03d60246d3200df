//! A browser without a window, driven by Chromium's DevTools protocol: messages in JSON, each ended by a zero byte, through
//! two pipes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use super::find_on_path;
use crate::harness::Skipped;

const PROGRAMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser with one page. It is ended when it is dropped.
pub struct Browser {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    session: Option<String>,
    messages: u64,
    /// What has happened and wasn't waited for yet.
    events: Vec<Value>,
}

impl Browser {
    /// Starts one whose page has this size, and whose files are in the directory.
    ///
    /// # Errors
    /// `Skipped` if none is installed.
    pub fn start(directory: &Path, width: u32, height: u32) -> Result<Browser> {
        let program = PROGRAMS.iter().find_map(|name| find_on_path(name));
        let program = program.ok_or_else(|| Skipped("Chromium is not installed".to_owned()))?;
        // It reads messages from descriptor 3, and writes them to 4.
        let script = r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"#;
        let mut process = Command::new("sh")
            .args(["-c", script])
            .arg(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--remote-debugging-pipe",
                "--no-first-run",
            ])
            .arg(format!("--window-size={width},{height}"))
            .arg(format!("--user-data-dir={}", directory.join("browser").display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take().context("a pipe")?;
        let output = BufReader::new(process.stdout.take().context("a pipe")?);
        let mut browser = Browser { process, input, output, session: None, messages: 0, events: Vec::new() };
        let targets = browser.call("Target.getTargets", json!({}))?;
        let targets = targets["targetInfos"].as_array().context("no targets")?;
        let page = targets.iter().find(|target| target["type"] == "page").context("there is no page")?;
        let attach = json!({"targetId": page["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", attach)?;
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}))?;
        }
        // Of the page itself: a window may not be as narrow.
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        browser.call("Emulation.setDeviceMetricsOverride", size)?;
        Ok(browser)
    }

    fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.messages += 1;
        let mut message = json!({"id": self.messages, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.input.write_all(format!("{message}\0").as_bytes())?;
        self.input.flush()?;
        loop {
            let answer = self.read()?;
            if answer["id"] != self.messages {
                self.events.push(answer);
                continue;
            }
            ensure!(answer["error"].is_null(), "{method}: {}", answer["error"]);
            return Ok(answer["result"].clone());
        }
    }

    fn read(&mut self) -> Result<Value> {
        let mut message = Vec::new();
        self.output.read_until(0, &mut message)?;
        ensure!(message.pop() == Some(0), "the browser has ended");
        Ok(serde_json::from_slice(&message)?)
    }

    /// Opens a file, and waits until it is there.
    pub fn open(&mut self, path: &Path) -> Result<()> {
        self.events.clear();
        self.call("Page.navigate", json!({"url": format!("file://{}", path.display())}))?;
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.read()?;
            self.events.push(event);
        }
        Ok(())
    }

    /// The value of an expression in JavaScript.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let answer =
            self.call("Runtime.evaluate", json!({"expression": expression, "returnByValue": true}))?;
        if !answer["exceptionDetails"].is_null() {
            bail!("{expression}: {}", answer["exceptionDetails"]);
        }
        Ok(answer["result"]["value"].clone())
    }

    /// Asserts the value of an expression.
    pub fn expect(&mut self, expression: &str, value: impl Into<Value>) -> Result<()> {
        let (found, value) = (self.evaluate(expression)?, value.into());
        ensure!(found == value, "{expression} is {found}, not {value}");
        Ok(())
    }

    /// Presses and releases a mouse button in the upper left corner of the element that an expression stands for.
    pub fn click(&mut self, element: &str) -> Result<()> {
        let place = format!(
            "(() => {{ const element = {element}; element.scrollIntoView({{block: 'nearest'}}); \
             const at = element.getBoundingClientRect(); return [at.x + 5, at.y + 5]; }})()"
        );
        let place = self.evaluate(&place)?;
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", event)?;
        }
        Ok(())
    }

    /// Presses and releases a key, by its name.
    pub fn press(&mut self, key: &str) -> Result<()> {
        for kind in ["keyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", json!({"type": kind, "key": key}))?;
        }
        Ok(())
    }

    /// Types a text where the focus is.
    pub fn insert(&mut self, text: &str) -> Result<()> {
        self.call("Input.insertText", json!({"text": text}))?;
        Ok(())
    }

    /// Asserts that no script has failed, and that nothing was refused or warned of.
    pub fn expect_no_complaint(&self) -> Result<()> {
        const COMPLAINTS: [&str; 2] = ["Log.entryAdded", "Runtime.exceptionThrown"];
        let mut events = self.events.iter();
        match events.find(|event| COMPLAINTS.iter().any(|method| event["method"] == *method)) {
            Some(event) => bail!("the browser complains: {event}"),
            None => Ok(()),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended.
        _ = self.process.kill();
        _ = self.process.wait();
    }
}
