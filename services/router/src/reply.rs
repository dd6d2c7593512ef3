//! Replies by version 1 of the contract: one urlencoded line that `CURLOPT(hashcompat)=yes` turns into `HASH(DP)`.

use std::fmt::{self, Write};

use domain::{Cause, PeerName};
use routing::{Attempt, Decision, Dial, DialplanPlace, Outcome, Then};

/// Asterisk cuts what a function returns inside another at 4,091 bytes; everything has to fit below.
pub const MAX_REPLY_BYTES: usize = 3_900;

/// What a dialplan is told.
#[derive(Debug)]
pub struct Reply<'s> {
    pub(crate) verdict: Verdict<'s>,
    /// Names this decision, unique over replicas.
    pub(crate) id: Option<String>,
    /// The first decision of the whole call; absent: this one.
    pub(crate) root: Option<String>,
}

#[derive(Debug)]
pub(crate) enum Verdict<'s> {
    Decided(Decision<'s>),
    /// A report was taken.
    Noted,
    Refused(Refusal),
}

/// Refusals that no decision was needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The question is none of the contract's.
    BadRequest(&'static str),
    /// The node has not proved who it is.
    Unauthorized,
    /// There is nothing to answer from, or no time left.
    NotReady(&'static str),
}

impl Verdict<'_> {
    pub(crate) fn status(&self) -> &'static str {
        match self {
            Self::Decided(decision) => decision.outcome.status(),
            Self::Noted => "ok",
            Self::Refused(Refusal::BadRequest(_)) => "bad_request",
            Self::Refused(Refusal::Unauthorized) => "reject",
            Self::Refused(Refusal::NotReady(_)) => "not_ready",
        }
    }

    /// Why the answer is no route; nothing where it is one.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Decided(decision) => decision.outcome.reason(),
            Self::Noted => None,
            Self::Refused(Refusal::BadRequest(reason) | Refusal::NotReady(reason)) => Some(reason),
            Self::Refused(Refusal::Unauthorized) => Some("unauthorized"),
        }
    }

    /// What the caller's channel ends with when there is nothing to dial, or when every attempt failed.
    fn cause(&self) -> Option<Cause> {
        match self {
            Self::Decided(decision) => Some(decision.outcome.cause()),
            Self::Noted => None,
            Self::Refused(Refusal::BadRequest(_) | Refusal::NotReady(_)) => Some(Cause::NETWORK_OUT_OF_ORDER),
            Self::Refused(Refusal::Unauthorized) => Some(Cause::REJECTED),
        }
    }
}

/// A reply as it goes over the wire.
#[derive(Debug, PartialEq, Eq)]
pub struct Encoded {
    pub line: String,
    /// Attempts that found no room.
    pub attempts_cut: usize,
}

impl Reply<'_> {
    pub(crate) fn refused(refusal: Refusal) -> Self {
        Self { verdict: Verdict::Refused(refusal), id: None, root: None }
    }

    /// Writes the line, dropping attempts from the tail if it would get too long.
    pub fn encode(&self) -> Encoded {
        let attempts = match &self.verdict {
            Verdict::Decided(decision) => decision.outcome.attempts(),
            _ => &[],
        };
        let mut form = Form(String::with_capacity(1024));
        form.0.push_str("status");
        form.value(self.verdict.status());
        self.head(&mut form);
        let (body, taken) = body(attempts, self.root(), form.0.len() + FIXED_ROOM);
        if !attempts.is_empty() {
            form.field("count", taken);
        }
        form.0.push_str(&body);
        if taken < attempts.len() {
            form.field("cut", 1);
        }
        if let Verdict::Decided(decision) = &self.verdict {
            then(&mut form, &decision.outcome);
        }
        if let Some(cause) = self.verdict.cause() {
            form.field("cause", cause);
        }
        Encoded { line: form.0, attempts_cut: attempts.len() - taken }
    }

    fn root(&self) -> &str {
        self.root.as_deref().or(self.id.as_deref()).unwrap_or_default()
    }

    fn head(&self, form: &mut Form) {
        if let Some(id) = &self.id {
            form.field("id", id);
            form.field("root", self.root());
        }
        if let Verdict::Decided(decision) = &self.verdict {
            form.field("gen", &decision.generation);
        }
        if let Some(reason) = self.verdict.reason() {
            form.field("reason", reason);
        }
    }
}

/// What follows when there is nothing to dial, or when every attempt failed.
fn then(form: &mut Form, outcome: &Outcome<'_>) {
    match outcome {
        Outcome::Goto(place) => place_fields(form, *place),
        Outcome::Dial { then: Then::Goto(place), .. } => {
            form.field("then", "goto");
            place_fields(form, *place);
        }
        Outcome::Dial { then: Then::Hangup, .. } | Outcome::Redirect(_) => form.field("then", "hangup"),
        _ => {}
    }
}

fn place_fields(form: &mut Form, place: DialplanPlace<'_>) {
    form.field("context", place.context);
    form.field("exten", place.exten);
}

/// `&count=9`, `&cut=1`, `&then=goto` with the longest context and extension, and `&cause=127`.
const FIXED_ROOM: usize = 220;

/// The fields of as many attempts as fit beside `used` bytes.
fn body(attempts: &[Attempt<'_>], root: &str, used: usize) -> (String, usize) {
    let mut body = String::with_capacity(attempts.len() * 160);
    for (attempt, position) in attempts.iter().zip(1..) {
        let before = body.len();
        let mut form = Form(body);
        attempt_fields(&mut form, position, root, attempt);
        body = form.0;
        if used + body.len() > MAX_REPLY_BYTES {
            body.truncate(before);
            return (body, position - 1);
        }
    }
    (body, attempts.len())
}

fn attempt_fields(form: &mut Form, position: usize, root: &str, attempt: &Attempt<'_>) {
    form.numbered("dial", position, attempt.dial);
    form.numbered("kind", position, attempt.dial.kind());
    match attempt.dial {
        Dial::Endpoint { endpoint, .. } => form.numbered("ext", position, endpoint),
        Dial::Endpoints { endpoints, .. } => form.numbered("ext", position, Listed(endpoints)),
        _ => {}
    }
    form.numbered("cid", position, attempt.caller_id);
    form.numbered("pres", position, attempt.presentation);
    form.numbered("tmo", position, attempt.timeout_s);
    form.numbered("stop", position, attempt.stop_rule);
    if let Some(asks) = attempt.asks {
        form.numbered("hop", position, format_args!("{root}.{position}.1"));
        form.numbered("ask", position, asks.verb.as_str());
        if let Some(class) = asks.class {
            form.numbered("class", position, class);
        }
    }
}

/// Endpoints with commas between them.
struct Listed<'a>(&'a [PeerName]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, endpoint) in self.0.iter().enumerate() {
            write!(f, "{}{endpoint}", if position == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

/// A line of `key=value` pairs. Values are percent-encoded as they are written: no value can end its field.
struct Form(String);

impl Form {
    fn field(&mut self, key: &str, value: impl fmt::Display) {
        self.0.push('&');
        self.0.push_str(key);
        self.value(value);
    }

    fn numbered(&mut self, key: &str, position: usize, value: impl fmt::Display) {
        self.0.push('&');
        self.0.push_str(key);
        // Writing to a String does not fail.
        let _ = write!(self.0, "{position}");
        self.value(value);
    }

    fn value(&mut self, value: impl fmt::Display) {
        self.0.push('=');
        let _ = write!(Percent(&mut self.0), "{value}");
    }
}

/// Encodes all but the characters that mean nothing to anybody on the way: the form, Asterisk's comma-splitting
/// `HASH()` and its expressions. A blank is `%20`, because `+` stays a plus for `hashcompat=yes`. Double quotes cannot
/// be carried at all (Asterisk drops them even encoded), and no value of ours has one.
struct Percent<'f>(&'f mut String);

impl fmt::Write for Percent<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' | b':' => {
                    self.0.push(char::from(byte));
                }
                _ => self.0.extend(['%', hex(byte >> 4), hex(byte & 15)]),
            }
        }
        Ok(())
    }
}

/// A digit of 0 to 15.
fn hex(digit: u8) -> char {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    char::from(DIGITS[usize::from(digit)])
}

#[cfg(test)]
mod tests {
    use domain::{E164, Presentation, Protocol, SipDriver, StopRule};
    use routing::{CallerId, CarrierNumber, CarrierUser, Generation};

    use super::*;

    #[test]
    fn a_reply_too_long_loses_attempts_from_the_tail_and_says_so() {
        let peer: PeerName = "x".repeat(80).parse().unwrap();
        let stop_rule = StopRule::default();
        let number: E164 = "74957777777".parse().unwrap();
        let user = CarrierUser { tariff_prefix: None, plus: true, number: CarrierNumber::Number(number) };
        let dial = Dial::Carrier { protocol: Protocol::Sip, driver: SipDriver::Pjsip, peer: &peer, user };
        let attempt = Attempt {
            dial,
            caller_id: CallerId::Number(number),
            presentation: Presentation::Allowed,
            timeout_s: 60,
            stop_rule: &stop_rule,
            asks: None,
            via: None,
        };
        let outcome = Outcome::Dial { attempts: vec![attempt; 40], then: Then::Hangup };
        let decision = Decision { generation: Generation::of_working_copy(0), hopped: false, outcome };
        let reply = Reply { verdict: Verdict::Decided(decision), id: Some("w-1-1".into()), root: None };
        let Encoded { line, attempts_cut } = reply.encode();
        let count = 40 - attempts_cut;
        assert!(line.len() <= MAX_REPLY_BYTES && line.len() > MAX_REPLY_BYTES - 500, "{}", line.len());
        assert!(line.contains(&format!("&count={count}&")) && line.contains("&cut=1&"));
        assert!(line.contains(&format!("&dial{count}=")) && !line.contains(&format!("&dial{}=", count + 1)));
        assert!(line.ends_with("&then=hangup&cause=34"), "{line}");
    }
}
