//! Running SIPp, and reading what it saw.

use std::{
    fs,
    net::IpAddr,
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use crate::{
    namespace::Run,
    process::{Running, wait_until},
    roots::Root,
};

/// Where one SIPp listens.
#[derive(Debug)]
pub(crate) struct Endpoint<'a> {
    pub(crate) name: &'a str,
    pub(crate) address: &'a str,
    pub(crate) port: u16,
}

pub(crate) fn start(endpoint: &Endpoint<'_>, scenario: &str, arguments: &[&str]) -> Running {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let name = endpoint.name;
    let (outside, inside) = Run::current().file(&format!("sipp/{name}"));
    fs::create_dir_all(outside.parent().unwrap()).unwrap();
    fs::write(outside.with_extension("xml"), scenario).unwrap();
    let mut command = Root::Tools.command("/usr/bin/sipp");
    command.args(["-sf", &format!("{inside}.xml"), "-i", endpoint.address, "-p", &endpoint.port.to_string()]);
    command.args([
        "-trace_msg",
        "-message_file",
        &format!("{inside}.messages"),
        "-message_overwrite",
        "false",
    ]);
    command.args(["-trace_err", "-error_file", &format!("{inside}.errors"), "-nostdin"]);
    // Two SIPps that look for free ports at the same time find the same ones.
    let index = NEXT.fetch_add(1, Ordering::Relaxed);
    command.args(["-mp", &(10_000 + 8 * (index % 2000)).to_string(), "-cp", &(40_000 + index).to_string()]);
    command.args(arguments);
    Running::start(name, &mut command, &outside.with_extension("screen"))
}

/// Returns when all these addresses have somebody at port 5060.
pub(crate) fn wait_for_sockets(addresses: impl Iterator<Item = String>) {
    for address in addresses {
        let (table, address_there) = match address.parse().unwrap() {
            IpAddr::V4(v4) => ("/proc/net/udp", in_memory(&v4.octets())),
            IpAddr::V6(v6) => ("/proc/net/udp6", in_memory(&v6.octets())),
        };
        let socket = format!("{address_there}:{:04X}", 5060);
        wait_until(&format!("somebody listens at {address}"), Duration::from_secs(10), || {
            fs::read_to_string(table).unwrap().contains(&socket).then_some(())
        });
    }
}

/// An address as the kernel prints it: the hexadecimal numbers it is in this machine's memory.
fn in_memory(octets: &[u8]) -> String {
    let words = octets.chunks_exact(4).map(|word| u32::from_ne_bytes(word.try_into().unwrap()));
    words.map(|word| format!("{word:08X}")).collect::<Vec<_>>().concat()
}

/// One SIP message as SIPp sent or received it.
#[derive(Clone, Debug)]
pub struct Message {
    /// Since the epoch.
    pub at: Duration,
    pub received: bool,
    pub text: String,
}

/// Everything the SIPp of this name has seen so far.
pub(crate) fn messages(name: &str) -> Vec<Message> {
    let file = Run::current().folder.join("sipp").join(name).with_extension("messages");
    // Bytes, not text: hostile messages are no UTF-8.
    let log = fs::read(file).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    log.split("-----------------------------------------------").filter_map(message).collect()
}

/// ` 2026-11-21 08:40:47.841431\nUDP message received [560] bytes :\n\n<message>`
fn message(entry: &str) -> Option<Message> {
    let (head, rest) = entry.split_once('\n')?;
    let (direction, text) = rest.split_once("\n\n")?;
    let (date, time) = head.trim().split_once(' ')?;
    let at = Duration::from_secs(86_400 * days(date)?) + time_of_day(time)?;
    Some(Message { at, received: direction.contains("received"), text: text.trim_start().to_owned() })
}

/// Since the epoch, counting years from March so that the leap day comes last.
fn days(date: &str) -> Option<u64> {
    let parts: Vec<u64> = date.split('-').filter_map(|part| part.parse().ok()).collect();
    let &[year, month, day] = parts.as_slice() else { return None };
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1 - 719_468)
}

fn time_of_day(time: &str) -> Option<Duration> {
    let (clock, micros) = time.split_once('.')?;
    let seconds = clock.split(':').try_fold(0, |sum, part| Some(sum * 60 + part.parse::<u64>().ok()?))?;
    Some(Duration::from_secs(seconds) + Duration::from_micros(micros.parse().ok()?))
}

impl Message {
    pub fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }

    /// The method of a request.
    pub fn method(&self) -> Option<&str> {
        self.first_line().split(' ').next().filter(|word| *word != "SIP/2.0")
    }

    /// The code of a response.
    pub fn status(&self) -> Option<u16> {
        self.first_line().strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The user part of the request URI.
    pub fn uri_user(&self) -> &str {
        let uri = self.first_line().split(' ').nth(1).unwrap_or_default();
        uri.strip_prefix("sip:").and_then(|uri| uri.split_once('@')).map_or("", |(user, _)| user)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.text.lines().skip(1).take_while(|line| !line.is_empty());
        lines.filter_map(|line| line.split_once(':')).map(|(name, value)| (name.trim(), value.trim()))
    }
}
