# Blocks of posting lists as a whole: written, and read back where segments are merged; in loops
# that no branch on the values slows down. Where nothing is compiled, `postings` and `merging` have
# them in Python.
from vnsearch.kernels.bits cimport trailing_zeros  # what stands there comes before this

cdef extern from *:
    """
    /* Some loops are compiled twice: for any processor, and for those with AVX2 and BMI2. */
    #if defined(__GNUC__)
    #define VN_ALWAYS_INLINE __attribute__((always_inline)) static inline
    #else
    #define VN_ALWAYS_INLINE static inline
    #endif
    #if defined(__GNUC__) && defined(__x86_64__)
    #define VN_WITH_AVX2 __attribute__((target("avx2,bmi,bmi2")))
    static inline int vn_has_avx2(void) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    }
    #else
    #define VN_WITH_AVX2
    static inline int vn_has_avx2(void) { return 0; }
    #endif

    /* Where bits are written next: `at` this byte, of which the lowest `have` bits are in `held`.
       Eight bytes from `at` on are written over (a machine is little-endian, see `format`). */
    typedef struct { unsigned char *at; unsigned long long held; int have; } vn_bits;
    static inline vn_bits vn_write_from(unsigned int *out, Py_ssize_t bit) {
        vn_bits to;
        to.at = (unsigned char *) out + (bit >> 3);
        to.have = (int) (bit & 7);
        to.held = *to.at & ((1ULL << to.have) - 1);
        return to;
    }
    static inline Py_ssize_t vn_written(const vn_bits *to, const unsigned int *out) {
        memcpy(to->at, &to->held, sizeof to->held);
        return 8 * (to->at - (const unsigned char *) out) + to->have;
    }
    /* at most 56 bits */
    static inline void vn_put(vn_bits *to, unsigned long long value, int bits) {
        to->held |= value << to->have;
        memcpy(to->at, &to->held, sizeof to->held);
        to->have += bits;
        to->at += to->have >> 3;
        to->held >>= to->have & ~7;
        to->have &= 7;
    }
    /* a number in unary: so many zeros, and a one */
    static inline void vn_put_unary(vn_bits *to, unsigned int number) {
        for (; number > 55; number -= 56) vn_put(to, 0, 56);
        vn_put(to, 1ULL << number, (int) number + 1);
    }

    /* The low parts of n values, then their quotients: `width` bits are low, or drops[i] (at most
       2) fewer, but never less than none. Returns the bit after the last. */
    #if defined(__GNUC__) && defined(__x86_64__)
    /* two numbers of 32 bits and their sizes become one of 64 in each lane */
    __attribute__((target("avx2,bmi,bmi2"), always_inline))
    static inline __m256i vn_pair(__m256i even, __m256i odd, __m256i even_size) {
        return _mm256_or_si256(even, _mm256_sllv_epi64(odd, even_size));
    }
    #define VN_LOWER(x) ((unsigned long long) _mm_cvtsi128_si64(_mm256_castsi256_si128(x)))
    #define VN_UPPER(x) ((unsigned long long) _mm_cvtsi128_si64(_mm256_extracti128_si256(x, 1)))
    VN_WITH_AVX2
    static Py_ssize_t vn_write_places_avx2(const unsigned int *values, const unsigned char *drops,
                                           Py_ssize_t n, int width, unsigned int *out,
                                           Py_ssize_t bit, int quotients) {
        const __m256i widest = _mm256_set1_epi32(width), none = _mm256_setzero_si256();
        const __m256i one = _mm256_set1_epi32(1), one64 = _mm256_set1_epi64x(1);
        const __m256i half = _mm256_set1_epi64x(0xFFFFFFFF);
        vn_bits to = vn_write_from(out, bit);
        Py_ssize_t i;
        int j;
        for (i = 0; i < n; i += 8) {
            const __m256i less = _mm256_cvtepu8_epi32(
                _mm_loadl_epi64((const __m128i *) (drops + i)));
            const __m256i low = _mm256_max_epi32(_mm256_sub_epi32(widest, less), none);
            const __m256i value = _mm256_loadu_si256((const __m256i *) (values + i));
            __m256i pairs, sizes, fours, four_sizes;
            if (quotients) {
                const __m256i high = _mm256_srlv_epi32(value, low);
                const __m256i even = _mm256_and_si256(high, half);
                const __m256i odd = _mm256_srli_epi64(high, 32);
                const __m256i size = _mm256_add_epi64(even, one64);
                pairs = vn_pair(_mm256_sllv_epi64(one64, even),
                                _mm256_sllv_epi64(one64, odd), size);
                sizes = _mm256_add_epi64(size, _mm256_add_epi64(odd, one64));
            } else {
                const __m256i mask = _mm256_sub_epi32(_mm256_sllv_epi32(one, low), one);
                const __m256i part = _mm256_and_si256(value, mask);
                const __m256i size = _mm256_and_si256(low, half);
                pairs = vn_pair(_mm256_and_si256(part, half), _mm256_srli_epi64(part, 32), size);
                sizes = _mm256_add_epi64(size, _mm256_srli_epi64(low, 32));
            }
            fours = vn_pair(pairs, _mm256_unpackhi_epi64(pairs, pairs), sizes);
            four_sizes = _mm256_add_epi64(sizes, _mm256_unpackhi_epi64(sizes, sizes));
            for (j = 0; j < 2; j++) {
                const unsigned long long size = j ? VN_UPPER(four_sizes) : VN_LOWER(four_sizes);
                if (size <= 56) {
                    vn_put(&to, j ? VN_UPPER(fours) : VN_LOWER(fours), (int) size);
                } else {
                    Py_ssize_t k;
                    for (k = i + 4 * j; k < i + 4 * j + 4; k++) {
                        const int own = width > drops[k] ? width - drops[k] : 0;
                        if (quotients) vn_put_unary(&to, values[k] >> own);
                        else vn_put(&to, values[k] & ((1ULL << own) - 1), own);
                    }
                }
            }
        }
        return vn_written(&to, out);
    }
    #undef VN_LOWER
    #undef VN_UPPER
    #endif
    static inline Py_ssize_t vn_write_places(const unsigned int *values, const unsigned char *drops,
                                             Py_ssize_t n, int width, unsigned int *out,
                                             Py_ssize_t bit) {
        int quotients;
        for (quotients = 0; quotients < 2; quotients++) {
            Py_ssize_t i = 0;
            vn_bits to;
    #if defined(__GNUC__) && defined(__x86_64__)
            if (n >= 8 && vn_has_avx2()) {
                i = n & ~(Py_ssize_t) 7;
                bit = quotients ? vn_write_places_avx2(values, drops, i, width, out, bit, 1)
                    : vn_write_places_avx2(values, drops, i, width, out, bit, 0);
            }
    #endif
            to = vn_write_from(out, bit);
            for (; i < n; i++) {
                const int low = width > drops[i] ? width - drops[i] : 0;
                if (quotients) vn_put_unary(&to, values[i] >> low);
                else vn_put(&to, values[i] & ((1ULL << low) - 1), low);
            }
            bit = vn_written(&to, out);
        }
        return bit;
    }

    /* Of n postings' positions, `total` in all: the values that are written, and for each value how
       many bits fewer its low part has; up to 8 drops behind are written. narrow[0] becomes how
       many have one bit less at least, narrow[1] how many two. Returns the sum of the values, each
       doubled as often as its low part is narrower. */
    VN_ALWAYS_INLINE unsigned long long vn_gap_values_by(
        const unsigned int *positions, const unsigned int *freqs, int n, Py_ssize_t total,
        unsigned int *values, unsigned char *drops, Py_ssize_t *narrow) {
        unsigned long long sum = 0;
        Py_ssize_t at = 0, over_one = 0, over_three = 0, k;
        int i;
        for (k = 1; k < total; k++) values[k] = positions[k] - positions[k - 1] - 1;
        for (i = 0; i < n; i++) {
            const unsigned int tf = freqs[i];
            const unsigned long long drop = 0x0101010101010101ULL * ((tf > 1) + (tf > 3));
            unsigned int j;
            values[at] = positions[at];
            memcpy(drops + at, &drop, sizeof drop);
            for (j = 8; j < tf; j += 8) memcpy(drops + at + j, &drop, sizeof drop);
            at += tf;
            over_one += tf & (0u - (tf > 1));
            over_three += tf & (0u - (tf > 3));
        }
        narrow[0] = over_one;
        narrow[1] = over_three;
        for (k = 0; k < total; k++) sum += (unsigned long long) values[k] << drops[k];
        return sum;
    }
    VN_WITH_AVX2
    static unsigned long long vn_gap_values_avx2(
        const unsigned int *positions, const unsigned int *freqs, int n, Py_ssize_t total,
        unsigned int *values, unsigned char *drops, Py_ssize_t *narrow) {
        return vn_gap_values_by(positions, freqs, n, total, values, drops, narrow);
    }
    static inline unsigned long long vn_gap_values(
        const unsigned int *positions, const unsigned int *freqs, int n, Py_ssize_t total,
        unsigned int *values, unsigned char *drops, Py_ssize_t *narrow) {
        if (vn_has_avx2())
            return vn_gap_values_avx2(positions, freqs, n, total, values, drops, narrow);
        return vn_gap_values_by(positions, freqs, n, total, values, drops, narrow);
    }

    /* Undo both: the positions of n postings, whose quotients begin at bit `high` and low parts at
       bit `low`; `widest` is the width of those of frequency 1. Up to 8 flags behind as many as
       there are positions are written. Returns 1, 0 where a position takes more than 32 bits, -1
       where word `stop` is reached. */
    VN_ALWAYS_INLINE int vn_read_block_by(const unsigned int *words, Py_ssize_t stop,
                                          Py_ssize_t high, Py_ssize_t low,
                                          const unsigned int *freqs, int n, int widest,
                                          unsigned char *flags, unsigned int *out) {
        const unsigned char *bytes = (const unsigned char *) words;
        int widths[3], i;
        unsigned long long masks[3], bits, place = 0, over = 0;
        Py_ssize_t word = high >> 5, total = 0, k = 0;
        for (i = 0; i < 3; i++) {
            widths[i] = widest > i ? widest - i : 0;
            masks[i] = (1ULL << widths[i]) - 1;
        }
        /* of each position: how much narrower its low part is, and 4 if it is a document's first */
        for (i = 0; i < n; i++) {
            const unsigned int tf = freqs[i];
            const unsigned long long drop = 0x0101010101010101ULL * ((tf > 1) + (tf > 3));
            const unsigned long long first = drop | 4;
            unsigned int j;
            memcpy(flags + total, &first, sizeof first);
            for (j = 8; j < tf; j += 8) memcpy(flags + total + j, &drop, sizeof drop);
            total += tf;
        }
        if (word >= stop) return -1;
        memcpy(&bits, words + word, sizeof bits);
        bits = bits >> (high & 31) << (high & 31);
        for (;;) {
            for (; bits; bits &= bits - 1) {
                const Py_ssize_t end = 32 * word + vn_trailing_zeros(bits);
                out[k++] = (unsigned int) (end - high);
                high = end + 1;
                if (k == total) goto whole;
            }
            word += 2;
            if (word >= stop) return -1;
            if (32 * word - high > 0x7FFFFFFF) return 0;
            memcpy(&bits, words + word, sizeof bits);
        }
    whole:
        for (k = 0; k < total; k++) {
            const int narrower = flags[k] & 3;
            const unsigned long long after = (unsigned long long) (flags[k] >> 2) - 1;
            unsigned long long part;
            memcpy(&part, bytes + (low >> 3), sizeof part);
            part = part >> (low & 7) & masks[narrower];
            low += widths[narrower];
            part |= (unsigned long long) out[k] << widths[narrower];
            place = part + ((place + 1) & after);
            over |= place;
            out[k] = (unsigned int) place;
        }
        return over >> 32 == 0;
    }
    VN_WITH_AVX2
    static int vn_read_block_avx2(const unsigned int *words, Py_ssize_t stop, Py_ssize_t high,
                                  Py_ssize_t low, const unsigned int *freqs, int n, int widest,
                                  unsigned char *flags, unsigned int *out) {
        return vn_read_block_by(words, stop, high, low, freqs, n, widest, flags, out);
    }
    static inline int vn_read_block(const unsigned int *words, Py_ssize_t stop, Py_ssize_t high,
                                    Py_ssize_t low, const unsigned int *freqs, int n, int widest,
                                    unsigned char *flags, unsigned int *out) {
        if (vn_has_avx2())
            return vn_read_block_avx2(words, stop, high, low, freqs, n, widest, flags, out);
        return vn_read_block_by(words, stop, high, low, freqs, n, widest, flags, out);
    }

    /* how many of 128 values have more than `bits` (at most 31) bits */
    #if defined(__GNUC__) && defined(__x86_64__)
    VN_WITH_AVX2
    static int vn_wider_avx2(const unsigned int *values, int bits) {
        const __m256i none = _mm256_setzero_si256();
        const __m128i shift = _mm_cvtsi32_si128(bits);
        __m256i fits = none;
        unsigned int eight[8];
        int i, sum = 128;
        for (i = 0; i < 128; i += 8) {
            const __m256i value = _mm256_loadu_si256((const __m256i *) (values + i));
            fits = _mm256_sub_epi32(fits, _mm256_cmpeq_epi32(_mm256_srl_epi32(value, shift), none));
        }
        _mm256_storeu_si256((__m256i *) eight, fits);
        for (i = 0; i < 8; i++) sum -= (int) eight[i];
        return sum;
    }
    #endif
    static inline int vn_wider(const unsigned int *values, int bits) {
        int i, count = 0;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (vn_has_avx2()) return vn_wider_avx2(values, bits);
    #endif
        for (i = 0; i < 128; i++) count += values[i] >> bits != 0;
        return count;
    }

    /* the places of those of 128 values that have more than `bits` bits, with their high bits << 7;
       one place behind the last is written */
    static inline int vn_exceptions(const unsigned int *values, int bits, unsigned int *out) {
        int i, count = 0;
        for (i = 0; i < 128; i++) {
            const unsigned int high = values[i] >> bits;
            out[count] = (unsigned int) i | high << 7;
            count += high != 0;
        }
        return count;
    }

    /* the highest tf / (tf + fixed + inverse * length) of n postings */
    #if defined(__GNUC__) && defined(__x86_64__)
    VN_WITH_AVX2
    static double vn_highest_impact_avx2(const unsigned int *docs, const unsigned int *freqs, int n,
                                         const unsigned int *lengths, double fixed,
                                         double inverse) {
        const __m256i magic = _mm256_set1_epi64x(0x4330000000000000); /* 2**52 */
        const __m256d whole = _mm256_castsi256_pd(magic);
        const __m256d base = _mm256_set1_pd(fixed), rate = _mm256_set1_pd(inverse);
        __m256d most = _mm256_setzero_pd();
        double four[4];
        int i;
        for (i = 0; i < n; i += 4) {
            const __m256i count = _mm256_cvtepu32_epi64(
                _mm_loadu_si128((const __m128i *) (freqs + i)));
            const __m256i size = _mm256_set_epi64x(lengths[docs[i + 3]], lengths[docs[i + 2]],
                                                   lengths[docs[i + 1]], lengths[docs[i]]);
            const __m256d tf = _mm256_sub_pd(
                _mm256_castsi256_pd(_mm256_or_si256(count, magic)), whole);
            const __m256d length = _mm256_sub_pd(
                _mm256_castsi256_pd(_mm256_or_si256(size, magic)), whole);
            const __m256d less = _mm256_add_pd(base, _mm256_mul_pd(rate, length));
            most = _mm256_max_pd(_mm256_div_pd(tf, _mm256_add_pd(tf, less)), most);
        }
        _mm256_storeu_pd(four, most);
        for (i = 1; i < 4; i++) four[0] = four[i] > four[0] ? four[i] : four[0];
        return four[0];
    }
    #endif
    static inline double vn_highest_impact(const unsigned int *docs, const unsigned int *freqs,
                                           int n, const unsigned int *lengths, double fixed,
                                           double inverse) {
        double most = 0.0;
        int i = 0;
    #if defined(__GNUC__) && defined(__x86_64__)
        if (n >= 4 && vn_has_avx2()) {
            i = n & ~3;
            most = vn_highest_impact_avx2(docs, freqs, i, lengths, fixed, inverse);
        }
    #endif
        for (; i < n; i++) {
            const double tf = freqs[i], impact = tf / (tf + (fixed + inverse * lengths[docs[i]]));
            most = impact > most ? impact : most;
        }
        return most;
    }

    /* the low `bits` of 128 values in four interleaved lanes */
    static inline void vn_pack_lanes(const unsigned int *values, int bits, unsigned int *out) {
        const unsigned int mask = bits == 32 ? 0xFFFFFFFFu : (1u << bits) - 1;
        int row, shift = 0;
    #if defined(__SSE2__)
        const __m128i own = _mm_set1_epi32((int) mask);
        __m128i held = _mm_setzero_si128();
        for (row = 0; bits && row < 32; row++) {
            const __m128i value = _mm_and_si128(
                _mm_loadu_si128((const __m128i *) (values + 4 * row)), own);
            held = _mm_or_si128(held, _mm_sll_epi32(value, _mm_cvtsi32_si128(shift)));
            shift += bits;
            if (shift >= 32) {
                _mm_storeu_si128((__m128i *) out, held);
                out += 4;
                shift -= 32;
                held = _mm_srl_epi32(value, _mm_cvtsi32_si128(bits - shift));
            }
        }
    #else
        unsigned long long held[4] = {0, 0, 0, 0};
        int lane;
        for (row = 0; bits && row < 32; row++) {
            for (lane = 0; lane < 4; lane++)
                held[lane] |= (unsigned long long) (values[4 * row + lane] & mask) << shift;
            shift += bits;
            if (shift >= 32) {
                for (lane = 0; lane < 4; lane++) {
                    *out++ = (unsigned int) held[lane];
                    held[lane] >>= 32;
                }
                shift -= 32;
            }
        }
    #endif
    }
    """
    Py_ssize_t write_places "vn_write_places"(
        const unsigned int *values, const unsigned char *drops, Py_ssize_t n, int width,
        unsigned int *out, Py_ssize_t bit
    ) noexcept nogil
    unsigned long long gap_values "vn_gap_values"(
        const unsigned int *positions, const unsigned int *freqs, int n, Py_ssize_t total,
        unsigned int *values, unsigned char *drops, Py_ssize_t *narrow
    ) noexcept nogil
    int read_block "vn_read_block"(
        const unsigned int *words, Py_ssize_t stop, Py_ssize_t high, Py_ssize_t low,
        const unsigned int *freqs, int n, int widest, unsigned char *flags, unsigned int *out
    ) noexcept nogil
    int exceptions "vn_exceptions"(
        const unsigned int *values, int bits, unsigned int *out
    ) noexcept nogil
    int wider "vn_wider"(const unsigned int *values, int bits) noexcept nogil
    double highest_impact "vn_highest_impact"(
        const unsigned int *docs, const unsigned int *freqs, int n, const unsigned int *lengths,
        double fixed, double inverse
    ) noexcept nogil
    void pack_lanes "vn_pack_lanes"(
        const unsigned int *values, int bits, unsigned int *out
    ) noexcept nogil
