//! What goes over the wire between two servers, as somebody on the way would read it.

use std::{
    io::Read,
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use socket2::{Domain, Protocol, Socket, Type};

/// The full frames of IAX2 that have passed since this was made, each from its type on.
#[derive(Clone, Debug)]
pub struct Capture {
    frames: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// A full frame as it lies there; where it is encrypted, kind and subclass are noise.
pub const NEW: [u8; 2] = [6, 1];
pub const ACCEPT: [u8; 2] = [6, 7];
pub const AUTHENTICATE: [u8; 2] = [6, 8];
pub const RINGING: [u8; 2] = [4, 3];
pub const ANSWER: [u8; 2] = [4, 4];

const IAX2: u16 = 4569;

impl Capture {
    pub fn start() -> Self {
        let frames = Arc::new(Mutex::new(vec![]));
        let mut socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::UDP)).unwrap();
        socket.set_recv_buffer_size(4 << 20).unwrap();
        let kept = frames.clone();
        thread::spawn(move || {
            let mut packet = [0; 2048];
            // Nobody is left to look at them.
            while Arc::strong_count(&kept) > 1 {
                let size = socket.read(&mut packet).unwrap();
                if let Some(frame) = full_frame(&packet[..size]) {
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(frame.to_vec());
                }
            }
        });
        Self { frames }
    }

    /// How many frames of this kind hold the text.
    pub fn count(&self, kind: [u8; 2], text: &str) -> usize {
        let frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = |frame: &[u8]| {
            text.is_empty() || frame.windows(text.len()).any(|window| window == text.as_bytes())
        };
        frames.iter().filter(|frame| frame.starts_with(&kind) && holds(frame)).count()
    }
}

/// An IPv4 packet's UDP payload, if it is a full frame: call numbers, time and sequence numbers come first.
fn full_frame(packet: &[u8]) -> Option<&[u8]> {
    let datagram = packet.get(usize::from(packet.first()? & 15) * 4..)?;
    let port = u16::from_be_bytes([*datagram.first()?, *datagram.get(1)?]);
    let payload = datagram.get(8..).filter(|_| port == IAX2)?;
    (payload.first()? & 0x80 != 0).then(|| payload.get(10..)).flatten()
}
