use domain::{
    Direction, HopProtocol, Moment, NodeName, Protocol, ProviderAddressId, ProviderId, Purpose, ServerId,
};
use routing::{
    ChunkedTables, Location, Locations,
    tables::{Provider, ProviderAddress, Server},
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::{Entry, Origin, OriginField, OriginTable, Ports, Who};

/// Which entries are wanted; absent: all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Question {
    /// Those one server of ours has to do with.
    pub server: Option<NodeName>,
    /// Those calls come from (IN), go to (OUT), or both (IN/OUT).
    pub direction: Option<Direction>,
    pub protocol: Option<Protocol>,
    /// Those signalling comes from (SIGNALLING), media (MEDIA), or both (BOTH).
    pub purpose: Option<Purpose>,
}

/// What the tables answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    pub entries: Vec<Entry>,
    /// The addresses that would be there if their host names were known to stand for anything.
    pub unresolved: Vec<ProviderAddressId>,
}

/// There is no enabled server of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no enabled server `{0}`")]
pub struct NoSuchServer(pub NodeName);

/// The addresses of enabled carriers that are enabled and valid at a microsecond of UTC, and those of our other servers.
///
/// With a server, a carrier that only calls us is there if a number of it, or the gate of one, is on that server, or none
/// is anywhere, so that nobody can tell; what is dialled may be dialled from every server. The server itself is not there.
pub fn select(tables: &ChunkedTables, at_us: i64, question: &Question) -> Result<Selection, NoSuchServer> {
    let me = question.server.as_ref().map(|name| server(tables, name)).transpose()?;
    let locations = Locations::new(tables.resolved_addresses.rows());
    let places = me.map(|me| Places::new(tables, me));
    let mut selection = Selection::default();
    let is_there = |row: &&ProviderAddress| row.enabled && row.validity().holds(Some(at_us));
    for row in tables.provider_addresses.rows().filter(is_there) {
        let provider = tables.providers.get(row.provider_id.0).filter(|provider| provider.enabled);
        let Some(provider) = provider.filter(|_| question.wants_row(row)) else { continue };
        if places.as_ref().is_none_or(|places| places.concern(provider, row)) {
            push_address(&mut selection, &locations, provider, row);
        }
    }
    let others = tables.servers.rows().filter(|server| server.enabled && Some(server.id) != me);
    selection.entries.extend(others.flat_map(of_server).filter(|entry| question.wants(entry)));
    Ok(selection)
}

fn server(tables: &ChunkedTables, name: &NodeName) -> Result<ServerId, NoSuchServer> {
    let found = tables.servers.rows().find(|server| server.servername == *name && server.enabled);
    found.map(|server| server.id).ok_or_else(|| NoSuchServer(name.clone()))
}

impl Question {
    fn wants_row(&self, row: &ProviderAddress) -> bool {
        self.accepts(row.direction, row.proto, row.purpose)
    }

    fn wants(&self, entry: &Entry) -> bool {
        self.accepts(entry.direction, entry.protocol, entry.purpose)
    }

    fn accepts(&self, direction: Direction, protocol: Protocol, purpose: Purpose) -> bool {
        let direction_fits = match self.direction {
            None => true,
            Some(Direction::In) => direction.allows_in(),
            Some(Direction::Out) => direction.allows_out(),
            Some(Direction::InOut) => direction == Direction::InOut,
        };
        let purpose_fits = match self.purpose {
            None => true,
            Some(Purpose::Signalling) => purpose.is_for_signalling(),
            Some(Purpose::Media) => purpose.is_for_media(),
            Some(Purpose::Both) => purpose == Purpose::Both,
        };
        direction_fits && purpose_fits && self.protocol.is_none_or(|wanted| wanted == protocol)
    }
}

fn push_address(
    selection: &mut Selection,
    locations: &Locations<'_>,
    provider: &Provider,
    row: &ProviderAddress,
) {
    let before = selection.entries.len();
    selection.entries.extend(locations.of(row).map(|location| of_location(location, provider, row)));
    if selection.entries.len() == before {
        selection.unresolved.push(row.id);
    }
}

fn of_location(location: Location, provider: &Provider, row: &ProviderAddress) -> Entry {
    // What DNS said is the host name's doing.
    let field = if row.ipaddress.is_some() { OriginField::Ipaddress } else { OriginField::Domainname };
    Entry {
        network: location.network,
        who: Who::Provider { id: provider.id, name: provider.providername.clone() },
        purpose: row.purpose,
        direction: row.direction,
        protocol: row.proto,
        transport: row.transport,
        ports: location.ports.and_then(|ports| Ports::new(ports.from, ports.to)),
        endpoint: row.peer(),
        comment: row.comment.clone(),
        valid_from_us: row.valid_from.map(Moment::us),
        valid_to_us: row.valid_to.map(Moment::us),
        origin: Origin { table: OriginTable::ProviderAddresses, id: row.id.0, field },
    }
}

/// One entry for each protocol the others hand calls over by.
fn of_server(server: &Server) -> impl Iterator<Item = Entry> {
    let sip = server.sip.is_some() || server.protocol == HopProtocol::Sip;
    let iax2 = server.iax2.is_some() || server.iax2control.is_some() || server.protocol == HopProtocol::Iax2;
    let spoken = [(Protocol::Sip, sip), (Protocol::Iax2, iax2)];
    let spoken = spoken.into_iter().filter_map(|(protocol, speaks)| speaks.then_some(protocol));
    let origin = Origin { table: OriginTable::Servers, id: server.id.0, field: OriginField::Ipaddress };
    server.ipaddress.into_iter().flat_map(move |network| {
        spoken.clone().map(move |protocol| Entry {
            network,
            who: Who::Server { id: server.id, name: server.servername.clone() },
            purpose: Purpose::Both,
            direction: Direction::InOut,
            protocol,
            transport: None,
            ports: None,
            endpoint: None,
            comment: None,
            valid_from_us: None,
            valid_to_us: None,
            origin,
        })
    })
}

/// Where the numbers and gates of carriers are, seen from one server.
struct Places {
    here: FxHashSet<ProviderId>,
    anywhere: FxHashSet<ProviderId>,
}

impl Places {
    fn new(tables: &ChunkedTables, me: ServerId) -> Self {
        let numbers: FxHashMap<_, _> =
            tables.numbers.rows().filter(|number| number.enabled).map(|number| (number.id, number)).collect();
        let answered = numbers.values().filter_map(|number| Some((number.provider_id, number.server_id?)));
        let gates = tables.gates.rows();
        let dialled =
            gates.filter_map(|gate| Some((numbers.get(&gate.number_id)?.provider_id, gate.server_id)));
        let mut places = Self { here: FxHashSet::default(), anywhere: FxHashSet::default() };
        for (provider, server) in answered.chain(dialled) {
            places.anywhere.insert(provider);
            if server == me {
                places.here.insert(provider);
            }
        }
        places
    }

    fn concern(&self, provider: &Provider, row: &ProviderAddress) -> bool {
        let is_dialled = provider.sells_outgoing && row.direction.allows_out();
        is_dialled || self.here.contains(&provider.id) || !self.anywhere.contains(&provider.id)
    }
}
