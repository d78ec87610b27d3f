package smtpd

import (
	"strings"
	"time"
)

// bdat is BDAT (RFC 3030 section 2). The octets of a chunk are consumed
// whatever becomes of it: they must never be read as commands.
func (s *session) bdat(args string) *reply {
	size, last, ok := parseBdat(args)
	if !ok {
		// Where the next command begins can't be known.
		s.out.write(replyBdatSyntax)
		return replyErrors
	}
	bad := s.readyForChunk()
	switch {
	case size > s.limits().MessageBytes+s.limits().DiscardBytes:
		return s.floodReply()
	case bad != nil && size > s.limits().DiscardBytes:
		s.out.write(bad)
		return replyErrors
	}
	if s.dataStart.IsZero() {
		s.dataStart = s.now()
	}
	if bad == nil && !s.content.opened() {
		s.content.open(s)
		s.tx.decoder.chunked = true
	}
	s.tx.chunked = s.inMail
	if end, ok := s.readChunk(size, bad == nil); !ok {
		return end
	}
	switch {
	case bad != nil:
		return s.refuseChunk(bad, last)
	case !last:
		return s.chunkTaken()
	}
	s.tx.decoder.close(s.write)
	return s.accept()
}

func (s *session) readyForChunk() *reply {
	if bad := s.mayTalkMail(); bad != nil {
		return bad
	}
	if s.tx.broken != nil {
		return s.tx.broken
	}
	return s.readyForContent()
}

// chunkTaken is the reply to a chunk that is not the last. A message that can't
// be taken any more is refused at once, which saves the client the rest.
func (s *session) chunkTaken() *reply {
	failure := s.content.failure
	if failure == nil && s.tx.decoder.flaws != 0 {
		failure = s.content.finish(s.tx.decoder.flaws)
	}
	if failure == nil {
		return replyChunkOK
	}
	s.tx.broken = failure
	s.settle(failure, s.content.cause)
	return failure
}

// refuseChunk answers a chunk that was read and forgotten. A transaction in
// which that happened takes nothing any more (RFC 3030 section 2).
func (s *session) refuseChunk(bad *reply, last bool) *reply {
	switch {
	case !s.inMail:
		s.tx.octets, s.dataStart = 0, time.Time{}
	case last:
		s.endTransaction()
	default:
		s.tx.broken = bad
	}
	return bad
}

// readChunk reads size octets, into the content if wanted.
func (s *session) readChunk(size int64, wanted bool) (end *reply, ok bool) {
	for size > 0 {
		if len(s.in.buffered()) == 0 {
			if err := s.in.fill(); err != nil {
				return s.readFailed(err, replySlow), false
			}
		}
		chunk := s.in.buffered()
		chunk = chunk[:min(int64(len(chunk)), size)]
		if wanted {
			s.tx.decoder.decode(chunk, s.write)
		}
		s.in.consume(len(chunk))
		size -= int64(len(chunk))
		if s.tx.octets += int64(len(chunk)); s.flooded() {
			return s.floodReply(), false
		}
	}
	return nil, true
}

// parseBdat reads the size and whether the chunk is the last.
func parseBdat(args string) (size int64, last, ok bool) {
	words := strings.Fields(args)
	switch {
	case len(words) == 2 && strings.EqualFold(words[1], "LAST"):
		last = true
	case len(words) != 1:
		return 0, false, false
	}
	size, ok = parseSize(words[0])
	return size, last, ok
}
