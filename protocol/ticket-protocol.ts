/**
 * What goes before a one-time ticket in `Sec-WebSocket-Protocol`: browsers can send no other header
 * with a WebSocket, and a token in the address would end in logs.
 */
export const TICKET_PROTOCOL_PREFIX = 'hexfleet.ticket.';
