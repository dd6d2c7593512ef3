use std::ops::Range;

/// How the lines of a stream end. The first one tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// As Asterisk writes them. A lone `\n` is part of a value: `Park` answers with one, and whoever could smuggle one
    /// into a value would otherwise write headers and events of his own.
    CrLf,
    /// As an editor or a version control system leaves them.
    Lf,
}

/// Finds the lines of a buffer that grows, looking at no byte twice.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) end: Option<LineEnd>,
    start: usize,
    seen: usize,
}

/// A complete line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Without its end.
    pub(super) text: Range<usize>,
    /// Where the next one begins.
    pub(super) next: usize,
}

impl Lines {
    /// Where the line begins that [`Self::next`] looks for.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// The buffer was emptied up to the line that [`Self::next`] looks for.
    pub(super) fn taken(&mut self) {
        self.seen -= self.start;
        self.start = 0;
    }

    /// The first so many bytes of the buffer are gone, whatever they were.
    pub(super) fn dropped(&mut self, bytes: usize) {
        self.start = 0;
        self.seen = self.seen.saturating_sub(bytes);
    }

    /// The next line once it is complete.
    #[inline]
    pub(super) fn next(&mut self, buffer: &[u8]) -> Option<Line> {
        loop {
            let fresh = buffer.get(self.seen..).unwrap_or_default();
            let Some(offset) = memchr::memchr(b'\n', fresh) else {
                self.seen = buffer.len();
                return None;
            };
            let place = self.seen + offset;
            self.seen = place + 1;
            let returned = place > self.start && buffer[place - 1] == b'\r';
            if returned || self.end != Some(LineEnd::CrLf) {
                return Some(self.found(place, returned));
            }
        }
    }

    /// The next line as a program writes it that cares little: both ends are right.
    pub(super) fn next_of_output(&mut self, buffer: &[u8]) -> Option<Line> {
        let end = self.end.replace(LineEnd::Lf);
        let line = self.next(buffer);
        self.end = end;
        line
    }

    #[inline]
    fn found(&mut self, place: usize, returned: bool) -> Line {
        self.end.get_or_insert(if returned { LineEnd::CrLf } else { LineEnd::Lf });
        let text = self.start..place - usize::from(returned);
        self.start = place + 1;
        Line { text, next: place + 1 }
    }
}
