/*
 * tfevents.h - a run's metrics as TensorBoard reads them.
 *
 * runs/NAME/events.out.tfevents.TIME.neonnoir holds one event a metric and epoch, tagged
 * "valid/accuracy": TFRecords (u64 length, its CRC, data, their CRC; little endian, the CRCs
 * masked) of Event messages (tensorflow/core/util/event.proto, lib/io/record_writer.h). TIME is
 * the Unix time of the first metric.
 */
#ifndef NN_TRAINER_TFEVENTS_H
#define NN_TRAINER_TFEVENTS_H

#include "datasets/run.h"

/* CRC-32C (Castagnoli), as in RFC 3720. */
uint32_t nn_crc32c(const void *data, size_t size);

/*
 * Brings the run's file up to what the catalog holds. A file that is a beginning of that, even
 * one cut within a record, is appended to, so that a TensorBoard that has it open sees what is
 * new; any other is replaced. So a killed and resumed run has every epoch once. Nothing is
 * written before the first metric.
 */
int nn_tfevents_write(struct nn_catalog *cat, const struct nn_run *run, struct nn_err *err);

#endif
