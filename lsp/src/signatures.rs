//! The call around a cursor, as the editor shows it.

use parapet_ide::{Call, Callable};

use crate::capabilities::Can;
use crate::proto;

/// What a call may take; the first way is the one shown.
pub(crate) fn help(can: Can, call: Call) -> proto::SignatureHelp {
    let parameter = u32::try_from(call.parameter).ok();
    proto::SignatureHelp {
        signatures: call.ways.into_iter().map(|way| signature(can, way, parameter)).collect(),
        active_signature: Some(0),
        active_parameter: parameter,
    }
}

fn signature(can: Can, way: Callable, parameter: Option<u32>) -> proto::SignatureInformation {
    let parameters = way.parameters.iter().map(|span| proto::ParameterInformation {
        label: proto::ParameterLabel::Simple(span.text(&way.label).to_owned()),
        documentation: None,
    });
    proto::SignatureInformation {
        parameters: Some(parameters.collect()),
        documentation: (!way.docs.is_empty()).then(|| proto::Documentation::MarkupContent(can.markup(way.docs))),
        label: way.label,
        active_parameter: parameter,
    }
}
