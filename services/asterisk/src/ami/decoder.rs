use std::mem;

use bytes::{Buf, Bytes, BytesMut};

use super::{
    block::{BARE, Block},
    frame::{Banner, Damaged, END_COMMAND, Fault, Frame, Response},
    line::{Line, Lines},
    value::Value,
};

/// Longest greeting, bytes with its line end.
pub const MAX_BANNER_BYTES: usize = 128;

/// What a block may be at most. Memory stays below `block_bytes + line_bytes`, one read of the socket, and 4 bytes per
/// header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A line with its end. Values above [`Self::BLOCK_BYTES_MAX`] count as that.
    pub line_bytes: usize,
    /// Lines of a block.
    pub headers: usize,
    /// A block without the empty line. Values above [`Self::BLOCK_BYTES_MAX`] count as that.
    pub block_bytes: usize,
}

impl Limits {
    /// Offsets into a block are 32 bits wide.
    pub const BLOCK_BYTES_MAX: usize = 1 << 30;
}

/// Sixteen times the longest variable Asterisk evaluates, thirty times the longest event recorded.
impl Default for Limits {
    fn default() -> Self {
        Self { line_bytes: 64 * 1_024, headers: 4_096, block_bytes: 1_024 * 1_024 }
    }
}

/// Why there is no use in reading on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    #[error("the peer does not greet as Asterisk's manager does")]
    NotAmi,
}

/// Cuts a stream into frames, however its bytes were torn on the way.
///
/// A block over a limit becomes one [`Frame::Damaged`], and the stream goes on after the next empty line.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    lines: Lines,
    /// Of the lines of the block so far: [`Block`].
    ends: Vec<u32>,
    state: State,
    bare_output: bool,
}

#[derive(Debug)]
enum State {
    /// Nothing was read yet, and a greeting must come.
    Greeting,
    Headers,
    /// Within the output of a command before Asterisk 14: empty lines do not count until its end.
    Output,
    Skipping(Skipping),
}

/// What is known about a block whose rest is thrown away.
#[derive(Debug)]
struct Skipping {
    damaged: Damaged,
    /// The end of the output of a command must come first.
    output: bool,
    /// The beginning of the line in the buffer is gone.
    within_line: bool,
}

impl Decoder {
    /// For a connection: a greeting must come first.
    pub fn new(limits: Limits) -> Self {
        Self { state: State::Greeting, ..Self::resumed(limits) }
    }

    /// For blocks that were kept: a greeting may come.
    pub fn resumed(limits: Limits) -> Self {
        let capped = |bytes: usize| bytes.min(Limits::BLOCK_BYTES_MAX);
        let (line_bytes, block_bytes) = (capped(limits.line_bytes), capped(limits.block_bytes));
        Self {
            limits: Limits { line_bytes, block_bytes, ..limits },
            lines: Lines::default(),
            ends: Vec::new(),
            state: State::Headers,
            bare_output: false,
        }
    }

    /// Takes the next frame from the buffer once it is complete. After an error the connection is of no use.
    pub fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
        loop {
            let step = match self.state {
                State::Greeting => self.greeting(buffer)?,
                State::Headers => self.headers(buffer),
                State::Output => self.output(buffer),
                State::Skipping(_) => self.skip(buffer),
            };
            match step {
                Step::Frame(frame) => return Ok(Some(frame)),
                Step::Wait => return Ok(None),
                Step::On => {}
            }
        }
    }

    fn greeting(&mut self, buffer: &mut BytesMut) -> Result<Step, FrameError> {
        let line = self.lines.next(buffer);
        if line.as_ref().map_or(buffer.len(), |line| line.next) > MAX_BANNER_BYTES {
            return Err(FrameError::NotAmi);
        }
        let Some(line) = line else { return Ok(Step::Wait) };
        if !is_banner(&buffer[line.text.clone()]) {
            return Err(FrameError::NotAmi);
        }
        Ok(Step::Frame(self.banner(buffer, &line)))
    }

    fn banner(&mut self, buffer: &mut BytesMut, line: &Line) -> Frame {
        let mut text = self.take(buffer);
        text.truncate(line.text.end);
        let banner = Banner(text);
        self.bare_output = banner.has_bare_output();
        self.state = State::Headers;
        Frame::Banner(banner)
    }

    fn headers(&mut self, buffer: &mut BytesMut) -> Step {
        match self.scan(buffer) {
            Scan::Wait => Step::Wait,
            Scan::Output => Step::On,
            Scan::Block => self.block(buffer),
            Scan::Banner(line) => Step::Frame(self.banner(buffer, &line)),
            Scan::Fault { fault, start, complete } => self.damage(buffer, fault, start, complete),
        }
    }

    /// All complete lines of a block at once: this loop is what decoding costs.
    fn scan(&mut self, bytes: &[u8]) -> Scan {
        loop {
            let start = self.lines.start();
            let line = self.lines.next(bytes);
            if let Some(fault) = self.fault(start, line.as_ref(), bytes.len()) {
                return Scan::Fault { fault, start, complete: line.is_some() };
            }
            let Some(line) = line else { return Scan::Wait };
            let text = &bytes[line.text.clone()];
            if text.is_empty() {
                return Scan::Block;
            }
            if start == 0 && is_banner(text) {
                return Scan::Banner(line);
            }
            self.ends.push(end_of(&line));
            if start == 0 && self.bare_output && follows(text) {
                self.state = State::Output;
                return Scan::Output;
            }
        }
    }

    fn output(&mut self, buffer: &mut BytesMut) -> Step {
        let start = self.lines.start();
        let line = self.lines.next_of_output(buffer);
        if let Some(fault) = self.fault(start, line.as_ref(), buffer.len()) {
            return self.damage(buffer, fault, start, line.is_some());
        }
        let Some(line) = line else { return Step::Wait };
        let text = &buffer[line.text.clone()];
        if text.ends_with(END_COMMAND) {
            self.state = State::Headers;
        }
        let begun = self.ends.iter().any(|end| end & BARE != 0);
        let bare = if begun || !is_reply_header(text) { BARE } else { 0 };
        self.ends.push(end_of(&line) | bare);
        Step::On
    }

    /// Judges complete lines, and of incomplete ones only what can get no better: how bytes are torn changes nothing.
    #[inline]
    fn fault(&self, start: usize, line: Option<&Line>, buffered: usize) -> Option<Fault> {
        let end = line.map_or(buffered, |line| line.next);
        if end - start > self.limits.line_bytes {
            return Some(Fault::LineTooLong);
        }
        let line = line.filter(|line| !line.text.is_empty() || matches!(self.state, State::Output))?;
        if line.next > self.limits.block_bytes {
            return Some(Fault::BlockTooLong);
        }
        (self.ends.len() >= self.limits.headers).then_some(Fault::TooManyHeaders)
    }

    /// Keeps the headers before the fault; the line with the fault is thrown away with what follows.
    fn damage(&mut self, buffer: &mut BytesMut, fault: Fault, start: usize, complete: bool) -> Step {
        let output = matches!(self.state, State::Output)
            && !(complete && buffer[..self.lines.start()].trim_ascii_end().ends_with(END_COMMAND));
        let head = Bytes::copy_from_slice(&buffer[..start]);
        let damaged = Damaged { fault, head: Block::new(head, &self.ends), bytes: 0 };
        self.ends.clear();
        let gone = if complete { self.lines.start() } else { start };
        let mut skipping = Skipping { damaged, output, within_line: false };
        skipping.drop(&mut self.lines, buffer, gone);
        self.state = State::Skipping(skipping);
        Step::On
    }

    fn skip(&mut self, buffer: &mut BytesMut) -> Step {
        let State::Skipping(skipping) = &mut self.state else { return Step::On };
        loop {
            let line =
                if skipping.output { self.lines.next_of_output(buffer) } else { self.lines.next(buffer) };
            let Some(line) = line else {
                skipping.drop_partial(&mut self.lines, buffer);
                return Step::Wait;
            };
            let text = &buffer[line.text];
            let over = text.is_empty() && !skipping.within_line && !skipping.output;
            skipping.output &= !text.ends_with(END_COMMAND);
            skipping.within_line = false;
            skipping.drop(&mut self.lines, buffer, line.next);
            if over {
                return self.skipped();
            }
        }
    }

    fn skipped(&mut self) -> Step {
        match mem::replace(&mut self.state, State::Headers) {
            State::Skipping(skipping) => Step::Frame(Frame::Damaged(skipping.damaged)),
            State::Greeting | State::Headers | State::Output => Step::On,
        }
    }

    /// The block that an empty line ended; without any header it was none.
    fn block(&mut self, buffer: &mut BytesMut) -> Step {
        let bytes = self.take(buffer);
        if self.ends.is_empty() {
            return Step::On;
        }
        let block = Block::new(bytes, &self.ends);
        self.ends.clear();
        Step::Frame(frame(block))
    }

    /// Everything up to the line that is looked for next.
    fn take(&mut self, buffer: &mut BytesMut) -> Bytes {
        let bytes = buffer.split_to(self.lines.start()).freeze();
        self.lines.taken();
        bytes
    }
}

/// What ended a look at the lines of a block.
enum Scan {
    Wait,
    /// An empty line.
    Block,
    Banner(Line),
    /// `Response: Follows` of a version that means it.
    Output,
    Fault {
        fault: Fault,
        start: usize,
        complete: bool,
    },
}

/// What one look at the buffer brought.
enum Step {
    Frame(Frame),
    On,
    Wait,
}

impl Skipping {
    /// Enough of an incomplete line to see how it ends.
    const TAIL: usize = END_COMMAND.len() + 1;

    fn drop(&mut self, lines: &mut Lines, buffer: &mut BytesMut, bytes: usize) {
        self.damaged.bytes += bytes as u64;
        buffer.advance(bytes);
        lines.dropped(bytes);
    }

    fn drop_partial(&mut self, lines: &mut Lines, buffer: &mut BytesMut) {
        let gone = buffer.len().saturating_sub(Self::TAIL);
        self.within_line |= gone > 0;
        self.drop(lines, buffer, gone);
    }
}

/// The first header alone says what a block is: no value further down makes an event of it.
fn frame(block: Block) -> Frame {
    if block.begins_with("Event") {
        Frame::Event(block)
    } else if block.begins_with("Response") {
        Frame::Response(Response(block))
    } else {
        let bytes = block.bytes().len() as u64;
        Frame::Damaged(Damaged { fault: Fault::Unrecognised, head: block, bytes })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a block ends long before 4 GiB: Limits::BLOCK_BYTES_MAX"
)]
fn end_of(line: &Line) -> u32 {
    line.next as u32
}

fn is_banner(text: &[u8]) -> bool {
    text.starts_with(Banner::PREFIX)
}

fn follows(text: &[u8]) -> bool {
    text.split_at_checked(b"Response:".len()).is_some_and(|(name, value)| {
        name.eq_ignore_ascii_case(b"Response:") && Value::new(value.trim_ascii()).is("Follows")
    })
}

/// What may stand between `Response: Follows` and the output.
fn is_reply_header(text: &[u8]) -> bool {
    let name = memchr::memchr(b':', text).map_or(&b""[..], |colon| &text[..colon]);
    ["Privilege", "ActionID", "Message"].iter().any(|known| Value::new(name).is(known))
}
