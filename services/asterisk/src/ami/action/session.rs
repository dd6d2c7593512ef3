use std::fmt;

use md5::{Digest, Md5};

use super::{Action, ActionError, ActionId, Draft};

/// Which events a session gets, of those its account may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Classes<'a> {
    All,
    None,
    /// `call`, `system`, `agent`, …
    Of(&'a [&'a str]),
}

/// Who logs in.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    pub username: &'a str,
    pub secret: &'a str,
    /// The `Challenge` of the response to [`Action::challenge`]. Without it the secret itself is sent.
    pub challenge: Option<&'a str>,
    pub events: Classes<'a>,
}

/// One more filter for the events of this session. There is no action to take one away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter<'a> {
    /// A regular expression over the whole text of an event; with `!` in front it excludes.
    Expression(&'a str),
    /// Asterisk 20.13, 21.8, 22.3 and later: what stands in the brackets of `eventfilter(…)`, and the text to match.
    Criteria { criteria: &'a str, text: &'a str },
}

impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("username", &self.username)
            .field("has_challenge", &self.challenge.is_some())
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// The `Key` of a login: MD5 over challenge and secret, in lower-case hex. It opens one session and is as secret as
/// that.
pub fn challenge_key(challenge: &str, secret: &str) -> String {
    let digest = Md5::new().chain_update(challenge).chain_update(secret).finalize();
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

impl Action {
    /// Asks for something to prove the secret with.
    pub fn challenge(id: &ActionId) -> Result<Self, ActionError> {
        Draft::of("Challenge", id).header("AuthType", "MD5").finish()
    }

    pub fn login(id: &ActionId, login: &Login<'_>) -> Result<Self, ActionError> {
        let draft = Draft::of("Login", id).required("Username", login.username);
        let draft = match login.challenge {
            Some(challenge) => {
                draft.header("AuthType", "MD5").header("Key", &challenge_key(challenge, login.secret))
            }
            None => draft.required("Secret", login.secret),
        };
        draft.header("Events", &mask("Events", login.events)?).finish()
    }

    /// Ends the session.
    pub fn logoff(id: &ActionId) -> Result<Self, ActionError> {
        Draft::of("Logoff", id).finish()
    }

    pub fn ping(id: &ActionId) -> Result<Self, ActionError> {
        Draft::of("Ping", id).finish()
    }

    /// Which actions this session may send, each a header of the response.
    pub fn list_commands(id: &ActionId) -> Result<Self, ActionError> {
        Draft::of("ListCommands", id).finish()
    }

    /// Changes which events come from now on.
    pub fn events(id: &ActionId, classes: Classes<'_>) -> Result<Self, ActionError> {
        Draft::of("Events", id).header("EventMask", &mask("EventMask", classes)?).finish()
    }

    /// Adds a filter; needs the privilege `system`. Responses and lists of one's own actions are never filtered.
    pub fn filter(id: &ActionId, filter: Filter<'_>) -> Result<Self, ActionError> {
        let draft = Draft::of("Filter", id).header("Operation", "Add");
        match filter {
            Filter::Expression(expression) => draft.required("Filter", expression),
            Filter::Criteria { criteria, text } => {
                draft.required("MatchCriteria", criteria).header("Filter", text)
            }
        }
        .finish()
    }
}

fn mask(header: &'static str, classes: Classes<'_>) -> Result<String, ActionError> {
    let word = |class: &&str| !class.is_empty() && class.bytes().all(|byte| byte.is_ascii_lowercase());
    match classes {
        Classes::All => Ok("on".to_owned()),
        Classes::None => Ok("off".to_owned()),
        Classes::Of([]) => Err(ActionError::Empty { header }),
        Classes::Of(classes) if classes.iter().all(word) => Ok(classes.join(",")),
        Classes::Of(_) => Err(ActionError::Illegal { header }),
    }
}
