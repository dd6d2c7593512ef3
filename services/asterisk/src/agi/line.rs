use std::ops::Range;

/// Finds the lines of a buffer that grows, looking at no byte twice.
#[derive(Debug, Default)]
pub(super) struct Lines {
    start: usize,
    seen: usize,
}

impl Lines {
    /// Where the line begins that [`Self::next`] looks for.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// The next complete line without its `\n`, once there is one.
    pub(super) fn next(&mut self, buffer: &[u8]) -> Option<Range<usize>> {
        let fresh = buffer.get(self.seen..).unwrap_or_default();
        if let Some(offset) = memchr::memchr(b'\n', fresh) {
            let line = self.start..self.seen + offset;
            self.start = line.end + 1;
            self.seen = self.start;
            Some(line)
        } else {
            self.seen = buffer.len();
            None
        }
    }
}

/// Drops the `\r` of a `\r\n`.
pub(super) fn without_return(buffer: &[u8], line: Range<usize>) -> Range<usize> {
    let shorter = buffer[line.clone()].ends_with(b"\r");
    line.start..line.end - usize::from(shorter)
}
