use std::{io, net::SocketAddr};

use asterisk::ami::{Decoder, Frame, FrameError, Limits};
use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadHalf, WriteHalf, split};

/// What one read of the socket may bring.
const READ_BYTES: usize = 64 * 1_024;

/// A connection, encrypted or not.
pub(crate) trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<L: AsyncRead + AsyncWrite + Send + Unpin> Line for L {}

pub(crate) type Writer = WriteHalf<Box<dyn Line>>;

/// The half of a connection that is read, cut into frames.
pub(crate) struct Reader {
    from: ReadHalf<Box<dyn Line>>,
    buffer: BytesMut,
    decoder: Decoder,
}

/// A connection nobody has said anything on.
pub(crate) struct Wire {
    pub(crate) reader: Reader,
    pub(crate) writer: Writer,
    pub(crate) peer: SocketAddr,
    pub(crate) is_encrypted: bool,
}

impl Wire {
    pub(crate) fn new(line: Box<dyn Line>, peer: SocketAddr, is_encrypted: bool) -> Self {
        let (from, writer) = split(line);
        let reader = Reader { from, buffer: BytesMut::new(), decoder: Decoder::new(Limits::default()) };
        Self { reader, writer, peer, is_encrypted }
    }

    /// Whether nobody else hears what is said in the clear.
    pub(crate) fn is_private(&self) -> bool {
        self.is_encrypted || self.peer.ip().to_canonical().is_loopback()
    }
}

impl Reader {
    /// Reads what is there, and tells how much it was; 0: the end. Nothing is lost if it is dropped meanwhile.
    pub(crate) async fn fill(&mut self) -> io::Result<usize> {
        self.buffer.reserve(READ_BYTES);
        self.from.read_buf(&mut self.buffer).await
    }

    /// The next frame of what was read.
    pub(crate) fn frame(&mut self) -> Result<Option<Frame>, FrameError> {
        self.decoder.decode(&mut self.buffer)
    }
}
