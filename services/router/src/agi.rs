//! The FastAGI listener. The question is one argument of the session, the same form that an HTTP body holds; the answer
//! is the same line, set as `HASH(DP,…)` by commands that each wait for their reply.

use std::{borrow::Cow, future::ready, time::Duration};

use asterisk::agi::{
    Command, CommandError, Environment, EnvironmentDecoder, EnvironmentError, Reply, ReplyDecoder, fill_hash,
};
use bytes::BytesMut;
use runtime::{CancellationToken, RouterConfig};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    select,
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};
use tracing::{debug, warn};

use crate::{Credentials, Service, fields::MAX_QUESTION_BYTES, reply::Refusal, service::Answer};

/// How long a connection lives at most. Asterisk itself waits for ever, and a channel waits with it.
const LIFETIME: Duration = Duration::from_secs(1);
/// Room for a usual header in one read.
const READ_BYTES: usize = 4 * 1024;
/// The hash the dialplan reads the answer from.
const HASH: &str = "DP";
/// The global variable of the dialplan that holds the node's token. Asterisk writes the arguments of a session into its
/// log; what it replies to a command it does not.
const TOKEN: &str = "DP_TOKEN";

/// Serves questions until the stop signal, then lets the sessions in hand finish.
pub async fn serve(socket: TcpListener, service: Service, config: RouterConfig, stop: CancellationToken) {
    let listener = service.metrics().listener(socket, config.connections_max, "agi");
    let arrivals = Notify::new();
    let accept = listener.accept(&stop, |stream| {
        arrivals.notify_one();
        converse(stream, service.clone())
    });
    let open = select! {
        open = accept => open,
        never = tick(&arrivals, service.deadline() / 2) => never,
    };
    open.drain(ready(())).await;
}

/// Keeps a timer ahead of the sessions' own as long as there are sessions. A timer that is the next to come has a
/// sleeping thread woken up to hear of it; without this, every session would do that, for more than its answer costs.
async fn tick<T>(arrivals: &Notify, every: Duration) -> T {
    loop {
        arrivals.notified().await;
        sleep(every).await;
    }
}

async fn converse(stream: TcpStream, service: Service) {
    let mut session = Session::new(stream);
    let ended = session.run(&service).await;
    let outcome = ended.map_or_else(End::outcome, |()| "answered");
    // Before the connection closes, so that whoever sees it closed finds it counted.
    service.metrics().agi_sessions.with_label_values(&[outcome]).inc();
    debug!(outcome, "session ended");
}

/// Why a session ended before its answer was taken.
#[derive(Clone, Copy)]
enum End {
    Hangup,
    Closed,
    /// The header outgrew its caps.
    Malformed,
    /// Something came that was no reply, or came unasked.
    OutOfTurn,
    /// Asterisk did not do what it was told.
    Refused,
    /// The answer fits into no command.
    Unsayable,
    Late,
}

impl End {
    fn outcome(self) -> &'static str {
        match self {
            Self::Hangup => "hangup",
            Self::Closed => "closed",
            Self::Malformed => "malformed",
            Self::OutOfTurn => "out_of_turn",
            Self::Refused => "refused",
            Self::Unsayable => "unsayable",
            Self::Late => "late",
        }
    }
}

struct Session {
    stream: TcpStream,
    buffer: BytesMut,
    header: Option<EnvironmentDecoder>,
    replies: ReplyDecoder,
}

impl Session {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            buffer: BytesMut::with_capacity(READ_BYTES),
            header: Some(EnvironmentDecoder::default()),
            replies: ReplyDecoder::default(),
        }
    }

    async fn run(&mut self, service: &Service) -> Result<(), End> {
        let accepted = Instant::now();
        // One timer for both limits: setting a second one for every session costs more than the answer.
        let timer = sleep_until(accepted + service.deadline().min(LIFETIME));
        tokio::pin!(timer);
        let environment = select! {
            biased;
            environment = self.environment() => Some(environment?),
            () = &mut timer => None,
        };
        timer.as_mut().reset(accepted + LIFETIME);
        let refusal = if environment.is_some() {
            Refusal::BadRequest("bad_header")
        } else {
            Refusal::NotReady("deadline")
        };
        let told = async {
            let answer = match environment.flatten() {
                Some(environment) => self.answer(service, &environment).await?,
                None => service.refuse("", refusal),
            };
            self.tell(&answer).await
        };
        select! {
            biased;
            told = told => told,
            () = &mut timer => Err(End::Late),
        }
    }

    async fn answer(&mut self, service: &Service, environment: &Environment) -> Result<Answer, End> {
        let (verb, question) = match question(environment) {
            Ok(asked) => asked,
            Err((verb, reason)) => return Ok(service.refuse(verb, Refusal::BadRequest(reason))),
        };
        let credentials = if names_token(question) { None } else { Some(self.credentials().await?) };
        Ok(service.answer(verb, question, credentials.as_ref()))
    }

    /// Asks Asterisk for the node's token.
    async fn credentials(&mut self) -> Result<Credentials, End> {
        let command = Command::get_variable(TOKEN).map_err(|_| End::Unsayable)?;
        let token = self.say(&command).await?.unwrap_or_default();
        // The node that is named in the question must be the token's.
        Ok(Credentials { node: String::new(), token })
    }

    async fn tell(&mut self, answer: &Answer) -> Result<(), End> {
        let commands = commands(answer).map_err(|error| {
            warn!(%error, "an answer cannot be told over FastAGI");
            End::Unsayable
        })?;
        for command in &commands {
            self.say(command).await?;
        }
        Ok(())
    }

    /// Reads the header; nothing comes back for one that has ended, but holds lines that are none.
    async fn environment(&mut self) -> Result<Option<Environment>, End> {
        while let Some(decoder) = &mut self.header {
            let environment = match decoder.decode(&mut self.buffer) {
                Ok(None) => {
                    self.read().await?;
                    continue;
                }
                Ok(environment) => environment,
                Err(EnvironmentError::Line { .. }) => None,
                Err(_) => return Err(End::Malformed),
            };
            self.header = None;
            return Ok(environment);
        }
        Ok(None)
    }

    /// Says one thing and hears what Asterisk says to it, a value where there is one: with a second command on the way it
    /// would hang.
    async fn say(&mut self, command: &Command) -> Result<Option<String>, End> {
        if self.header.is_none() {
            self.nothing_unheard()?;
        }
        self.stream.write_all(command.as_bytes()).await.map_err(|_| End::Closed)?;
        // A header that was not there at the deadline comes before the first reply.
        self.environment().await?;
        match self.reply().await? {
            Reply::Success { value, .. } => Ok(value),
            Reply::Hangup => Err(End::Hangup),
            _ => Err(End::Refused),
        }
    }

    /// What comes unasked is a hangup or the work of somebody who wrote a header's end into a name: a reply made up
    /// beforehand would have two commands on the way.
    fn nothing_unheard(&mut self) -> Result<(), End> {
        match self.replies.decode(&mut self.buffer) {
            Ok(None) if self.buffer.is_empty() => Ok(()),
            Ok(Some(Reply::Hangup)) => Err(End::Hangup),
            _ => Err(End::OutOfTurn),
        }
    }

    async fn reply(&mut self) -> Result<Reply, End> {
        loop {
            match self.replies.decode(&mut self.buffer) {
                Ok(Some(reply)) => return Ok(reply),
                Ok(None) => self.read().await?,
                Err(_) => return Err(End::OutOfTurn),
            }
        }
    }

    async fn read(&mut self) -> Result<(), End> {
        self.buffer.reserve(READ_BYTES / 4);
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) | Err(_) => Err(End::Closed),
            Ok(_) => Ok(()),
        }
    }
}

/// The verb stands in the address, `agi://host:4573/v1/VERB`; the question is the first argument. Else the verb, as far as
/// there is one, and why it is no question.
fn question(environment: &Environment) -> Result<(&str, &[u8]), (&str, &'static str)> {
    let script = environment.text("agi_network_script").ok().flatten().unwrap_or_default();
    let Some(verb) = script.strip_prefix("v1/") else { return Err(("", "unknown_path")) };
    let question = environment.get("agi_arg_1").unwrap_or_default();
    if question.len() > MAX_QUESTION_BYTES {
        return Err((verb, "question_too_long"));
    }
    // A comma that nobody encoded: the fields behind it are lost.
    if environment.get("agi_arg_2").is_some() {
        return Err((verb, "many_arguments"));
    }
    Ok((verb, question))
}

/// Whether the question brings a token itself. In the values of a form there is no `=`.
fn names_token(question: &[u8]) -> bool {
    question.split(|byte| *byte == b'&').any(|field| field.starts_with(b"token="))
}

/// The commands that set the answer's pairs, `status` last: a dialplan that sees it has everything.
fn commands(answer: &Answer) -> Result<Vec<Command>, CommandError> {
    let mut pairs = Vec::with_capacity(100);
    pairs.extend(answer.line.split('&').filter_map(pair));
    if let Some(place) = pairs.iter().position(|(key, _)| *key == "status") {
        pairs[place..].rotate_left(1);
    }
    fill_hash(HASH, &pairs)
}

/// A plus stays a plus, as it does for `CURLOPT(hashcompat)=yes`.
fn pair(text: &str) -> Option<(&str, Cow<'_, str>)> {
    let (key, value) = text.split_once('=')?;
    // Most values have nothing to decode.
    let encoded = value.as_bytes().contains(&b'%');
    Some((key, if encoded { decoded(value)?.into() } else { value.into() }))
}

/// The answer is of our own making: a percent sign is always followed by two digits, and what they stand for is text.
fn decoded(value: &str) -> Option<String> {
    let mut pieces = value.as_bytes().split(|byte| *byte == b'%');
    let mut bytes = Vec::with_capacity(value.len());
    bytes.extend_from_slice(pieces.next()?);
    for piece in pieces {
        let (digits, plain) = piece.split_first_chunk::<2>()?;
        let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
        bytes.push(u8::try_from(high? * 16 + low?).ok()?);
        bytes.extend_from_slice(plain);
    }
    String::from_utf8(bytes).ok()
}
