//! What a column holds, and what stands in one cell of it.

/// Microseconds of UTC since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub i64);

/// Which values a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unicode. Much of it is what callers wrote.
    Text,
    /// 64 bits with a sign.
    Integer,
    Flag,
    Instant,
}

/// A column of one kind of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Lower case with underscores; it never changes its meaning.
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
}

/// One value on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'r> {
    /// Not known, which is not the same as empty.
    Null,
    Text(&'r str),
    Integer(i64),
    Flag(bool),
    /// Microseconds of UTC since 1970.
    Instant(i64),
}

/// A type that stands in one cell of a row.
pub(crate) trait Field {
    const KIND: Kind;
    const NULLABLE: bool = false;

    fn cell(&self) -> Cell<'_>;
}

impl Column {
    pub(crate) const fn of<F: Field>(name: &'static str) -> Self {
        Self { name, kind: F::KIND, nullable: F::NULLABLE }
    }
}

impl Field for Box<str> {
    const KIND: Kind = Kind::Text;

    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

/// Words of a closed set.
impl Field for &'static str {
    const KIND: Kind = Kind::Text;

    fn cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl Field for i64 {
    const KIND: Kind = Kind::Integer;

    fn cell(&self) -> Cell<'_> {
        Cell::Integer(*self)
    }
}

impl Field for bool {
    const KIND: Kind = Kind::Flag;

    fn cell(&self) -> Cell<'_> {
        Cell::Flag(*self)
    }
}

impl Field for Instant {
    const KIND: Kind = Kind::Instant;

    fn cell(&self) -> Cell<'_> {
        Cell::Instant(self.0)
    }
}

impl<F: Field> Field for Option<F> {
    const KIND: Kind = F::KIND;
    const NULLABLE: bool = true;

    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null, F::cell)
    }
}
