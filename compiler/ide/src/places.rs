//! Places in files: what editors point at, and the item that stands there.

use parapet_base::Span;
use parapet_semantic::{Db, Item, SourceFile, item_offset, items, parsed, split_file};
use parapet_syntax::Tree;

/// A range of bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub file: SourceFile,
    pub span: Span,
}

/// The item at a byte of a file, and the byte of the item. An item's end belongs to it.
pub(crate) fn item_at(db: &dyn Db, file: SourceFile, offset: u32) -> Option<(Item<'_>, u32)> {
    let texts = &split_file(db, file).items;
    let at = texts.partition_point(|item| item.offset <= offset).checked_sub(1)?;
    let text = texts.get(at)?;
    let within = offset.checked_sub(text.offset)?;
    (within as usize <= text.text.len()).then_some(())?;
    Some((*items(db, file).get(at)?, within))
}

/// A span of an item as a place of its file.
pub(crate) fn place_in<'db>(db: &'db dyn Db, item: Item<'db>, span: Span) -> Place {
    Place { file: item.file(db), span: span.shift(item_offset(db, item)) }
}

/// An item's tree, as far as it could be read.
pub(crate) fn tree<'db>(db: &'db dyn Db, item: Item<'db>) -> Option<&'db Tree> {
    parsed(db, item).tree.as_ref()
}

/// Whether a span has an offset in it, or at its end: a cursor stands between letters.
pub(crate) fn touches(span: Span, offset: u32) -> bool {
    span.start <= offset && offset <= span.end
}

/// The name of an item as a place; of one without a name its keyword.
pub(crate) fn name_place<'db>(db: &'db dyn Db, item: Item<'db>) -> Place {
    let span = tree(db, item).map_or(Span::new(0, 0), |tree| tree.name_span);
    place_in(db, item, span)
}

/// The whole item as a place.
pub(crate) fn whole_place<'db>(db: &'db dyn Db, item: Item<'db>) -> Place {
    place_in(db, item, Span::new(0, item.text(db).len()))
}
