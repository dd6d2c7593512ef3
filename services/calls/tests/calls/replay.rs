//! Recorded streams as events, and what an assembler makes of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use asterisk::ami::{Block, Decoder, Event, Frame};
use bytes::BytesMut;
use calls::{CallAssembler, CallId, CallRecord, CallUpdate, GapReason, Limits};

pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/ami");

/// The events of a text, in order.
pub(crate) fn events(text: &[u8]) -> Vec<Block> {
    events_of([text])
}

/// The same of a text that comes in pieces.
pub(crate) fn events_of<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Vec<Block> {
    let mut decoder = Decoder::resumed(asterisk::ami::Limits::default());
    let (mut buffer, mut events) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        while let Some(frame) = decoder.decode(&mut buffer).unwrap() {
            if let Frame::Event(block) = frame {
                events.push(block);
            }
        }
    }
    events
}

/// `ast22/busy-486`.
pub(crate) fn capture(name: &str) -> Vec<Block> {
    events(&fs::read(format!("{ROOT}/{name}.ami")).unwrap())
}

/// The connections to one node that tell one story, oldest first.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    /// `ast22/reconnect-mid-call`.
    pub(crate) name: String,
    pub(crate) streams: Vec<String>,
}

/// One for each recording; those that are two connections of one story are one.
pub(crate) fn stories() -> Vec<Story> {
    let mut stories: BTreeMap<String, BTreeSet<(bool, String)>> = BTreeMap::new();
    for version in ["ast16", "ast22"] {
        for entry in fs::read_dir(format!("{ROOT}/{version}")).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            let Some(stream) = file.strip_suffix(".ami") else { continue };
            let name = ["-part1", "-part2", "-before", "-after"]
                .into_iter()
                .find_map(|suffix| stream.strip_suffix(suffix))
                .unwrap_or(stream);
            let is_later = stream.ends_with("-part2") || stream.ends_with("-after");
            stories
                .entry(format!("{version}/{name}"))
                .or_default()
                .insert((is_later, format!("{version}/{stream}")));
        }
    }
    assert!(stories.len() > 55, "the recorded streams are gone: {}", stories.len());
    let story = |(name, streams): (String, BTreeSet<(bool, String)>)| Story {
        name,
        streams: streams.into_iter().map(|(_, stream)| stream).collect(),
    };
    stories.into_iter().map(story).collect()
}

/// What was told last of each call.
pub(crate) type Records = BTreeMap<CallId, CallRecord>;

/// Feeds an assembler and keeps what it tells.
pub(crate) struct Player {
    pub(crate) assembler: CallAssembler,
    pub(crate) records: Records,
    pub(crate) superseded: Vec<(CallId, CallId)>,
    pub(crate) updates: Vec<CallUpdate>,
    pub(crate) last_us: i64,
}

impl Player {
    pub(crate) fn new() -> Self {
        Self::with(Limits::default())
    }

    pub(crate) fn with(limits: Limits) -> Self {
        Self {
            assembler: CallAssembler::new("node".parse().unwrap(), limits),
            records: Records::new(),
            superseded: Vec::new(),
            updates: Vec::new(),
            last_us: 0,
        }
    }

    pub(crate) fn apply(&mut self, block: &Block) {
        self.last_us = block.timestamp_us().unwrap_or(self.last_us);
        self.assembler.apply(&Event::read(block), self.last_us, &mut self.updates);
        self.take();
    }

    pub(crate) fn apply_all<'b>(&mut self, blocks: impl IntoIterator<Item = &'b Block>) -> &mut Self {
        blocks.into_iter().for_each(|block| self.apply(block));
        self
    }

    pub(crate) fn gap(&mut self, to_us: i64) {
        self.assembler.gap(self.last_us, to_us, GapReason::Disconnected, &mut self.updates);
        self.take();
    }

    /// A later revision replaces an earlier one, and no other.
    pub(crate) fn take(&mut self) {
        for update in self.updates.drain(..) {
            match update {
                CallUpdate::Ended(record) => {
                    assert!(record.revision > 0);
                    let revision = record.revision;
                    let was = self.records.insert(record.id.clone(), *record);
                    assert!(was.is_none_or(|was| was.revision < revision));
                }
                CallUpdate::Superseded { id, by } => {
                    self.records.remove(&id);
                    self.superseded.push((id, by));
                }
            }
        }
    }

    /// Everything that is known: what was told, and what is still up.
    pub(crate) fn all(&self) -> Records {
        let mut all = self.records.clone();
        all.extend(self.assembler.live().map(|record| (record.id.clone(), record)));
        all
    }
}

/// Several streams are connections with a gap between them.
pub(crate) fn play(streams: &[Vec<Block>]) -> Player {
    let mut player = Player::new();
    for (index, stream) in streams.iter().enumerate() {
        if index > 0 {
            let next = stream.iter().find_map(Block::timestamp_us).unwrap();
            player.gap(next);
        }
        player.apply_all(stream);
    }
    player
}

pub(crate) fn play_story(story: &Story) -> Player {
    play(&story.streams.iter().map(|stream| capture(stream)).collect::<Vec<_>>())
}
