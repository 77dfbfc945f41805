// One walk over the elements.
#include "rtp/extension_places.h"

#include "rtp/header_extension.h"

namespace sfu {

ExtensionPlaces::ExtensionPlaces(const RtpHeader& header, ByteView packet,
                                 const ExtensionIds& ids) {
  if (header.extension_size == 0) return;
  const HeaderExtensionView block(header.extension_profile,
                                  packet.subspan(header.extension_offset, header.extension_size));
  for (const HeaderExtension& element : block) {
    for (size_t i = 0; i < ids.size(); ++i) {
      const ExtensionSet type = SetOf(static_cast<ExtensionType>(i));
      if (ids[i] != element.id || (found_ & type) != 0) continue;
      found_ |= type;
      offsets_[i] = static_cast<uint16_t>(element.data.data() - packet.data());
    }
  }
}

std::optional<ByteView> ExtensionPlaces::Find(ExtensionType type, const RtpHeader& header,
                                              ByteView packet) const {
  if ((found_ & SetOf(type)) == 0) return std::nullopt;
  const size_t offset = offsets_[static_cast<size_t>(type)];
  const uint8_t head = packet[offset - 1];
  const size_t size =
      header.extension_profile == kOneByteExtensionProfile ? (head & 0x0F) + size_t{1} : head;
  return packet.subspan(offset, size);
}

}  // namespace sfu
