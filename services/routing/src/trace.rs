use domain::{Class, E164, ExtensionId, GateId, PeerName, ProviderAddressId, ProviderId, ServerId};

use crate::DropReason;

/// Hears how a decision comes about. What is not asked for costs nothing: [`NoTrace`] compiles away.
pub trait Trace {
    /// Whether every candidate is to be heard of, those too that the answer has no room for.
    const COMPLETE: bool;

    /// The calling extension was recognised.
    fn caller(&mut self, extension: ExtensionId);
    /// One of our servers handed the call over.
    fn server(&mut self, server: ServerId);
    /// The carrier that calls was recognised by its address.
    fn carrier(&mut self, provider: ProviderId);
    /// The number the caller shows, or asks to have shown, was understood.
    fn shows(&mut self, number: E164);
    /// The called number was understood.
    fn called(&mut self, number: E164);
    /// The tariff class of a call to a carrier.
    fn class(&mut self, class: Class);
    /// A candidate got its place, or was dropped for one reason.
    fn candidate(&mut self, candidate: Candidate<'_>, place: Place);
}

/// What a candidate is. In one decision no two are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CandidateKey {
    /// An address of a provider.
    Address(ProviderAddressId),
    /// A dial peer that the number to show is bound to.
    Gate(GateId),
    /// The phone of a known caller's manager.
    Manager(ExtensionId),
    /// The phone that was called.
    Phone(ExtensionId),
    /// A phone of the group that was called.
    Member(ExtensionId),
}

/// A way to place the call.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'s> {
    pub key: CandidateKey,
    /// The name of the provider, or the digits of the phone.
    pub name: &'s str,
    /// The section dialled; networks that only receive have none.
    pub peer: Option<&'s PeerName>,
}

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Dialled as the n-th, counted from 1; phones that ring together have one place.
    Attempt {
        position: usize,
    },
    Dropped(DropReason),
}

/// The trace of the live path.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTrace;

impl Trace for NoTrace {
    const COMPLETE: bool = false;

    fn caller(&mut self, _: ExtensionId) {}
    fn server(&mut self, _: ServerId) {}
    fn carrier(&mut self, _: ProviderId) {}
    fn shows(&mut self, _: E164) {}
    fn called(&mut self, _: E164) {}
    fn class(&mut self, _: Class) {}
    fn candidate(&mut self, _: Candidate<'_>, _: Place) {}
}

/// The trace a person reads: who called whom, and every candidate with its place or its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The phone of ours that calls,
    pub caller: Option<ExtensionId>,
    /// or the server that handed the call over,
    pub server: Option<ServerId>,
    /// or the carrier it comes from.
    pub carrier: Option<ProviderId>,
    /// The number it shows, or asks to have shown.
    pub shows: Option<E164>,
    pub called: Option<E164>,
    pub class: Option<Class>,
    pub candidates: Vec<ExplainedCandidate>,
}

/// A [`Candidate`] that outlives its snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedCandidate {
    pub key: CandidateKey,
    pub name: String,
    pub peer: Option<PeerName>,
    pub place: Place,
}

impl Trace for Explanation {
    const COMPLETE: bool = true;

    fn caller(&mut self, extension: ExtensionId) {
        self.caller = Some(extension);
    }

    fn server(&mut self, server: ServerId) {
        self.server = Some(server);
    }

    fn carrier(&mut self, provider: ProviderId) {
        self.carrier = Some(provider);
    }

    fn shows(&mut self, number: E164) {
        self.shows = Some(number);
    }

    fn called(&mut self, number: E164) {
        self.called = Some(number);
    }

    fn class(&mut self, class: Class) {
        self.class = Some(class);
    }

    fn candidate(&mut self, candidate: Candidate<'_>, place: Place) {
        self.candidates.push(ExplainedCandidate {
            key: candidate.key,
            name: candidate.name.to_owned(),
            peer: candidate.peer.cloned(),
            place,
        });
    }
}

/// The trace of a decision that is kept: who called whom, and nothing that was not looked at anyway.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parties {
    /// The carrier it comes from.
    pub carrier: Option<ProviderId>,
    /// The number the caller shows, or asks to have shown.
    pub shows: Option<E164>,
    pub called: Option<E164>,
    pub class: Option<Class>,
}

impl Trace for Parties {
    const COMPLETE: bool = false;

    fn caller(&mut self, _: ExtensionId) {}
    fn server(&mut self, _: ServerId) {}

    fn carrier(&mut self, provider: ProviderId) {
        self.carrier = Some(provider);
    }

    fn shows(&mut self, number: E164) {
        self.shows = Some(number);
    }

    fn called(&mut self, number: E164) {
        self.called = Some(number);
    }

    fn class(&mut self, class: Class) {
        self.class = Some(class);
    }

    fn candidate(&mut self, _: Candidate<'_>, _: Place) {}
}
