use super::Reading;
use crate::ami::value::Value;

/// Asterisk is up. Needs the class `system`; on login it comes at once, after a restart when all modules are loaded.
#[derive(Clone, Copy, Debug)]
pub struct FullyBooted<'a> {
    /// Seconds since the start; since Asterisk 13.
    pub uptime_s: Option<u64>,
    /// Seconds since the last reload; since Asterisk 13.
    pub last_reload_s: Option<u64>,
    pub status: Option<Value<'a>>,
}

/// Something was read again.
#[derive(Clone, Copy, Debug)]
pub struct Reload<'a> {
    /// None or `All` for everything.
    pub module: Option<Value<'a>>,
    pub status: Option<Value<'a>>,
}

/// Asterisk stops, and says so: `core restart now` and a crash do not.
#[derive(Clone, Copy, Debug)]
pub struct Shutdown {
    pub is_clean: bool,
    pub is_restart: bool,
}

/// A contact of a PJSIP address of record came, went or was probed.
#[derive(Clone, Copy, Debug)]
pub struct Contact<'a> {
    pub uri: Option<Value<'a>>,
    /// `Reachable`, `Unreachable`, `NonQualified`, `Removed`, …
    pub status: Option<Value<'a>>,
    pub aor: Option<Value<'a>>,
    pub endpoint: Option<Value<'a>>,
    pub round_trip_us: Option<u64>,
}

/// A peer registered or changed its reachability.
#[derive(Clone, Copy, Debug)]
pub struct Peer<'a> {
    /// `PJSIP/carrier`.
    pub peer: Option<Value<'a>>,
    pub technology: Option<Value<'a>>,
    /// `Registered`, `Unregistered`, `Reachable`, `Lagged`, `Unreachable`, …
    pub status: Option<Value<'a>>,
    pub cause: Option<Value<'a>>,
}

impl<'a> FullyBooted<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            uptime_s: reading.number("Uptime"),
            last_reload_s: reading.number("LastReload"),
            status: reading.known("Status"),
        }
    }
}

impl<'a> Reload<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self { module: reading.known("Module"), status: reading.known("Status") }
    }
}

impl Shutdown {
    pub(in crate::ami) fn read(reading: Reading<'_>) -> Self {
        Self {
            is_clean: reading.value("Shutdown").is_some_and(|how| how.is("Cleanly")),
            is_restart: reading.yes("Restart").unwrap_or_default(),
        }
    }
}

impl<'a> Contact<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            uri: reading.known("URI"),
            status: reading.known("ContactStatus"),
            aor: reading.known("AOR"),
            endpoint: reading.known("EndpointName"),
            round_trip_us: reading.number("RoundtripUsec"),
        }
    }
}

impl<'a> Peer<'a> {
    pub(in crate::ami) fn read(reading: Reading<'a>) -> Self {
        Self {
            peer: reading.known("Peer"),
            technology: reading.known("ChannelType"),
            status: reading.known("PeerStatus"),
            cause: reading.known("Cause"),
        }
    }
}
