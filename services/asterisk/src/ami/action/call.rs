use super::{Action, ActionError, ActionId, Draft, has_break};

/// An application of the dialplan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Application<'a> {
    pub name: &'a str,
    pub data: &'a str,
}

/// Where a channel goes once it has answered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OriginateTarget<'a> {
    Exten { context: &'a str, exten: &'a str, priority: u32 },
    Application(Application<'a>),
}

/// A call that Asterisk makes by itself. It never waits for the outcome: one that waits blocks its session.
#[derive(Clone, Copy)]
pub struct Originate<'a> {
    /// `PJSIP/1001`.
    pub channel: &'a str,
    pub target: OriginateTarget<'a>,
    /// How long it may ring, milliseconds.
    pub timeout_ms: u32,
    pub caller_id: Option<&'a str>,
    pub account: Option<&'a str>,
    /// Set on the new channel; `__` in front of a name lets called channels inherit it.
    pub variables: &'a [(&'a str, &'a str)],
    /// The uniqueid the channel shall have: without it, a failed call leaves events that nobody can tell apart.
    pub channel_id: Option<&'a str>,
    /// The uniqueid of the second half of a local channel.
    pub other_channel_id: Option<&'a str>,
}

impl Action {
    pub fn originate(id: &ActionId, call: &Originate<'_>) -> Result<Self, ActionError> {
        let draft = Draft::of("Originate", id).required("Channel", call.channel);
        let draft = match call.target {
            OriginateTarget::Exten { context, exten, priority } => draft
                .required("Context", context)
                .required("Exten", exten)
                .header("Priority", &priority.to_string()),
            OriginateTarget::Application(application) => {
                draft.required("Application", application.name).header("Data", application.data)
            }
        };
        let draft = draft
            .header("Timeout", &call.timeout_ms.to_string())
            .header("Async", "true")
            .optional("CallerID", call.caller_id)
            .optional("Account", call.account)
            .optional("ChannelId", call.channel_id)
            .optional("OtherChannelId", call.other_channel_id);
        let variables = call.variables.iter();
        variables.fold(draft, |draft, (name, value)| draft.variable(name, value)).finish()
    }

    /// Ends one channel with a cause of Q.850; 0 says nothing.
    pub fn hangup(id: &ActionId, channel: &str, cause: u16) -> Result<Self, ActionError> {
        Draft::of("Hangup", id).one_channel(channel).header("Cause", &cause.to_string()).finish()
    }

    /// Sends a channel to another place in the dialplan; whoever talked to it is hung up.
    pub fn redirect(
        id: &ActionId,
        channel: &str,
        context: &str,
        exten: &str,
        priority: u32,
    ) -> Result<Self, ActionError> {
        Draft::of("Redirect", id)
            .one_channel(channel)
            .required("Context", context)
            .required("Exten", exten)
            .header("Priority", &priority.to_string())
            .finish()
    }

    /// A variable or function of a channel, or a global variable.
    pub fn getvar(id: &ActionId, channel: Option<&str>, variable: &str) -> Result<Self, ActionError> {
        Draft::of("Getvar", id).optional("Channel", channel).required("Variable", variable).finish()
    }

    /// Sets a variable or function of a channel, or a global variable.
    pub fn setvar(
        id: &ActionId,
        channel: Option<&str>,
        variable: &str,
        value: &str,
    ) -> Result<Self, ActionError> {
        Draft::of("Setvar", id)
            .optional("Channel", channel)
            .required("Variable", variable)
            .header("Value", value)
            .finish()
    }

    /// An event for every session that reads the class `user`.
    pub fn user_event(id: &ActionId, name: &str, headers: &[(&str, &str)]) -> Result<Self, ActionError> {
        let taken = |header: &str| {
            ["Action", "ActionID", "UserEvent"].iter().any(|taken| taken.eq_ignore_ascii_case(header))
        };
        if headers.iter().any(|(header, _)| taken(header)) {
            return Err(ActionError::Illegal { header: "a header of the event" });
        }
        let draft = Draft::of("UserEvent", id).required("UserEvent", name);
        let line =
            |draft: Draft, (name, value): &(&str, &str)| draft.line("a header of the event", name, value);
        headers.iter().fold(draft, line).finish()
    }
}

impl Draft {
    /// Asterisk takes `/…/` for a pattern that many channels may match.
    fn one_channel(self, channel: &str) -> Self {
        if channel.starts_with('/') {
            return self.refuse(ActionError::Illegal { header: "Channel" });
        }
        self.required("Channel", channel)
    }

    /// Asterisk splits the line at commas, as it does with the arguments of an application: brackets and quotes hide
    /// commas, backslashes make one literal.
    fn variable(self, name: &str, value: &str) -> Self {
        let plain =
            |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'=' | b',' | b'"' | b'\\' | b'[' | b']');
        if name.is_empty() || !name.bytes().all(plain) {
            return self.refuse(ActionError::Illegal { header: "Variable" });
        }
        if has_break(value) {
            return self.refuse(ActionError::LineBreak { header: "Variable" });
        }
        let mut line = format!("{name}=");
        for character in value.chars() {
            if matches!(character, ',' | '(' | ')' | '[' | ']' | '"' | '\\') {
                line.push('\\');
            }
            line.push(character);
        }
        self.header("Variable", &line)
    }
}
