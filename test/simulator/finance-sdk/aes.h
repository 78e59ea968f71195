/* AES decryption (FIPS 197) for the test double: plain and slow, nothing here guards a secret. */
#ifndef AES_H
#define AES_H

#include <stddef.h>

enum { AES_BLOCK = 16 };

/* `key_size` is 16 or 32. Both return the plain size after PKCS#7 unpadding, or -1; `into` may be `from`. */
long aes_cbc_decrypt(const unsigned char *key, size_t key_size, const unsigned char *iv,
                     const unsigned char *from, size_t size, unsigned char *into);
/* Without `is_last` the blocks are decrypted and no padding is removed. */
long aes_ecb_decrypt(const unsigned char *key, size_t key_size, const unsigned char *from, size_t size,
                     int is_last, unsigned char *into);

#endif
