// The allocator and its memory. A lent batch is a pointer and the thread that may follow it;
// turning it into an owned one publishes the copy with one atomic store.
#include "rtp_batch_memory.h"

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

namespace sfu::gst {
namespace {

struct BatchMemory {
  GstMemory memory;  // first: GStreamer sees only this
  const RtpBatch* lent;
  std::thread::id lent_to;
  std::atomic<OwnedBatch*> owned;
  const void* worker;
};

struct BatchAllocator {
  GstAllocator parent;
};
struct BatchAllocatorClass {
  GstAllocatorClass parent_class;
};

GType batch_allocator_get_type();
G_DEFINE_TYPE(BatchAllocator, batch_allocator, GST_TYPE_ALLOCATOR)

BatchMemory* Cast(GstMemory* memory) { return reinterpret_cast<BatchMemory*>(memory); }

void FreeMemory(GstAllocator*, GstMemory* memory) {
  BatchMemory* batch = Cast(memory);
  delete batch->owned.load(std::memory_order_acquire);
  delete batch;
}

gpointer RefuseMap(GstMemory*, gsize, GstMapFlags) { return nullptr; }
void NoUnmap(GstMemory*) {}
// Copies and parts of a batch have no meaning; whoever needs a writable buffer shares the memory.
GstMemory* RefuseCopy(GstMemory*, gssize, gssize) { return nullptr; }
GstMemory* RefuseShare(GstMemory*, gssize, gssize) { return nullptr; }

void batch_allocator_class_init(BatchAllocatorClass* klass) {
  GST_ALLOCATOR_CLASS(klass)->free = FreeMemory;
}

void batch_allocator_init(BatchAllocator* self) {
  GstAllocator* allocator = GST_ALLOCATOR_CAST(self);
  allocator->mem_type = "SfuRtpBatch";
  allocator->mem_map = RefuseMap;
  allocator->mem_unmap = NoUnmap;
  allocator->mem_copy = RefuseCopy;
  allocator->mem_share = RefuseShare;
  GST_OBJECT_FLAG_SET(allocator, GST_ALLOCATOR_FLAG_CUSTOM_ALLOC);
}

// Made on first use and kept: memories point at it.
GstAllocator* TheAllocator() {
  static GstAllocator* const allocator = [] {
    auto* made = GST_ALLOCATOR_CAST(g_object_new(batch_allocator_get_type(), nullptr));
    gst_object_ref_sink(made);
    GST_OBJECT_FLAG_SET(made, GST_OBJECT_FLAG_MAY_BE_LEAKED);
    return made;
  }();
  return allocator;
}

BatchMemory* NewMemory(gsize size) {
  auto* memory = new BatchMemory{};
  gst_memory_init(&memory->memory, GST_MEMORY_FLAG_READONLY, TheAllocator(), nullptr, size, 0, 0,
                  size);
  return memory;
}

GstBuffer* WrapMemory(BatchMemory* memory) {
  GstBuffer* buffer = gst_buffer_new();
  gst_buffer_append_memory(buffer, &memory->memory);
  return buffer;
}

BatchMemory* MemoryOf(GstBuffer* buffer) {
  if (gst_buffer_n_memory(buffer) != 1) return nullptr;
  GstMemory* memory = gst_buffer_peek_memory(buffer, 0);
  return memory->allocator == TheAllocator() ? Cast(memory) : nullptr;
}

gsize BytesOf(const RtpBatch& batch) {
  gsize bytes = 0;
  for (const RtpBatchEntry& entry : batch.entries) bytes += entry.packet->size();
  return bytes;
}

}  // namespace

GstBuffer* NewOwnedBatchBuffer(OwnedBatch batch, const void* worker) {
  BatchMemory* memory = NewMemory(BytesOf(batch.batch));
  memory->worker = worker;
  memory->owned.store(new OwnedBatch(std::move(batch)), std::memory_order_release);
  return WrapMemory(memory);
}

const RtpBatch* BatchOfBuffer(GstBuffer* buffer) {
  BatchMemory* memory = MemoryOf(buffer);
  if (memory == nullptr) return nullptr;
  const OwnedBatch* owned = memory->owned.load(std::memory_order_acquire);
  if (owned != nullptr) return &owned->batch;
  return memory->lent_to == std::this_thread::get_id() ? memory->lent : nullptr;
}

const void* WorkerOfBuffer(GstBuffer* buffer) {
  BatchMemory* memory = MemoryOf(buffer);
  if (memory == nullptr || memory->owned.load(std::memory_order_acquire) == nullptr) return nullptr;
  return memory->worker;
}

LentBatchBuffer::~LentBatchBuffer() {
  if (buffer_ != nullptr) gst_buffer_unref(buffer_);
}

GstBuffer* LentBatchBuffer::Lend(const RtpBatch& batch) {
  if (buffer_ == nullptr) {
    // The thread is written once: a buffer that is on loan again was never let out of sight.
    // Not of size 0: GStreamer leaves empty memories out when it copies a buffer.
    BatchMemory* memory = NewMemory(1);
    memory->lent_to = std::this_thread::get_id();
    buffer_ = WrapMemory(memory);
  }
  MemoryOf(buffer_)->lent = &batch;
  return gst_buffer_ref(buffer_);
}

void LentBatchBuffers::Push(GstPad* pad, const RtpBatch& batch, const void* worker) {
  std::unique_ptr<LentBatchBuffer> buffer;
  if (free_.empty()) {
    buffer = std::make_unique<LentBatchBuffer>();
  } else {
    buffer = std::move(free_.back());
    free_.pop_back();
  }
  gst_pad_push(pad, buffer->Lend(batch));
  buffer->EndLoan(worker);
  free_.push_back(std::move(buffer));
}

void LentBatchBuffer::EndLoan(const void* worker) {
  BatchMemory* memory = MemoryOf(buffer_);
  const bool kept = GST_MINI_OBJECT_REFCOUNT_VALUE(buffer_) > 1 ||
                    GST_MINI_OBJECT_REFCOUNT_VALUE(&memory->memory) > 1;
  if (!kept) {
    memory->lent = nullptr;
    return;
  }
  memory->worker = worker;
  memory->owned.store(new OwnedBatch(*memory->lent), std::memory_order_release);
  gst_buffer_unref(std::exchange(buffer_, nullptr));
}

}  // namespace sfu::gst
