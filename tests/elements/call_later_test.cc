// What is done later is done while its pipeline is there.
#include "call_later.h"

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>

namespace sfu::gst {
namespace {

// A pipeline with a bin in it, and whether they are still there.
class Nested {
 public:
  Nested() : pipeline_(gst_pipeline_new(nullptr)), element_(gst_bin_new("element")) {
    GstElement* const bin = gst_bin_new("bin");
    gst_bin_add(GST_BIN(bin), element_);
    gst_bin_add(GST_BIN(pipeline_), bin);
    NoteEnd(pipeline_);
    NoteEnd(bin);
  }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;

  GstElement* element() const { return element_; }
  int ended() const { return ended_; }
  void Unref() { gst_object_unref(pipeline_); }

 private:
  void NoteEnd(GstElement* element) {
    g_object_set_data_full(G_OBJECT(element), "noted", &ended_,
                           [](gpointer ended) { ++*static_cast<std::atomic<int>*>(ended); });
  }

  std::atomic<int> ended_{0};
  GstElement* const pipeline_;
  GstElement* const element_;
};

TEST(CallLaterTest, MessagesFindTheirBins) {
  gst_init(nullptr, nullptr);
  Nested nested;
  std::binary_semaphore called(0);
  std::binary_semaphore unreffed(0);
  std::binary_semaphore done(0);
  int ended = -1;
  CallLater(nested.element(), [&] {
    // As gst_element_post_message() does. The bus calls the bin.
    GstBus* const bus = gst_element_get_bus(nested.element());
    called.release();
    unreffed.acquire();
    gst_bus_post(bus, gst_message_new_element(GST_OBJECT(nested.element()),
                                              gst_structure_new_empty("late")));
    ended = nested.ended();
    gst_object_unref(bus);
    done.release();
  });
  called.acquire();
  nested.Unref();
  unreffed.release();
  done.acquire();
  EXPECT_EQ(ended, 0);
  // They go with the call, which has all but returned.
  while (nested.ended() < 2) g_thread_yield();
}

TEST(CallLaterTest, AnElementMayBeInNoBin) {
  gst_init(nullptr, nullptr);
  GstElement* const element = gst_bin_new("alone");
  gst_object_ref_sink(element);
  std::binary_semaphore done(0);
  CallLater(element, [&] { done.release(); });
  done.acquire();
  gst_object_unref(element);
}

}  // namespace
}  // namespace sfu::gst
